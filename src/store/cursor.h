#pragma once
// Cursor: a place in a list that is ordered by time and then by id. A page continues after the last row of the one
// before it, so rows that arrive in between are neither repeated nor skipped. To learn whether more follows, ask for
// one row more than the page holds.

#include <cstdint>
#include <string>

#include "base/timestamp.h"

namespace billhook::store {

struct Cursor {
    Timestamp at;
    std::string id;
    auto operator<=>(Cursor const&) const = default;
};

/// Before the first row of a list that runs from new to old.
inline Cursor const newest{{INT64_MAX}, ""};

}  // namespace billhook::store
