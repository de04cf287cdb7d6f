#pragma once
// Foresight: while it lives, a call sees a later time on its own clock. For previews, inside mark() and undo().

#include <cstdint>
#include <optional>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

class Foresight {
  public:
    Foresight(Call& call, std::int64_t at);
    ~Foresight();
    Foresight(Foresight const&) = delete;

  private:
    Call& call_;
    std::int64_t before_;
    std::optional<std::int64_t> root_instant_before_;
};

}  // namespace billhook::sandbox
