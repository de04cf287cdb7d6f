#pragma once
// Period: start inclusive, end exclusive.

#include "base/timestamp.h"

namespace billhook {

struct Period {
    Timestamp start;
    Timestamp end;

    constexpr bool contains(Timestamp t) const { return start <= t && t < end; }
    constexpr auto operator<=>(Period const&) const = default;
};

}  // namespace billhook
