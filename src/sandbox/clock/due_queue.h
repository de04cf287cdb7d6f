#pragma once
// What is to happen at which time of which clock: "invoice.finalize" for in_123 at 1700000000. One entry per kind and
// object; scheduling again moves it. Entries are objects of the store, so they are undone and kept with it.

#include <cstdint>
#include <optional>
#include <string>

#include "sandbox/core/object_store.h"

namespace billhook::sandbox {

/// The sandbox's own time, for everything that is on no test clock. It can be retrieved and advanced under this id.
inline constexpr std::string_view root_clock = "clock_sandbox";

struct Due {
    std::string kind;
    std::string object_id;
    std::int64_t at = 0;
};

class DueQueue {
  public:
    explicit DueQueue(ObjectStore& store);

    void schedule(std::string_view clock, std::string_view kind, std::string_view object_id, std::int64_t at);
    void unschedule(std::string_view kind, std::string_view object_id);
    /// The earliest of a clock; among equal times the one scheduled first.
    std::optional<Due> next(std::string_view clock);
    /// Drops all that was to happen on a clock.
    void clear(std::string_view clock);

  private:
    StoredObject* lowest(std::string_view clock);
    ObjectStore& store_;
};

}  // namespace billhook::sandbox
