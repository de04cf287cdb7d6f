#pragma once
// Billing periods in Unix seconds. Every boundary is laid out from the billing cycle anchor, in steps of a month (for
// months and years) or of a day (for weeks and days), so that an item whose interval changes stays on the anchor's day.

#include <compare>
#include <cstdint>

#include "base/calendar.h"

namespace billhook::sandbox {

using Seconds = std::int64_t;  // Unix time, or a length of time

inline constexpr Seconds seconds_per_day = 86'400;

/// Start inclusive, end exclusive.
struct Span {
    Seconds start = 0;
    Seconds end = 0;

    constexpr Seconds length() const { return end - start; }
    constexpr bool contains(Seconds t) const { return start <= t && t < end; }
    constexpr auto operator<=>(Span const&) const = default;
};

Seconds add_intervals(Seconds from, Interval interval, std::int64_t n);

/// The end of a period that starts at `from`: on the anchor's grid if `from` lies on it, else one interval later.
Seconds next_boundary(Seconds anchor, Interval interval, Seconds from);
/// The period that contains t, of those laid out from `base`.
Span period_from(Seconds anchor, Interval interval, Seconds base, Seconds t);
/// The first period of an item that begins at `start`: a stub where the anchor lies ahead.
Span first_period(Seconds anchor, Interval interval, Seconds start);
/// The period that follows at `start`: whole from the grid on, a stub up to the grid where `start` is off it.
Span following_period(Seconds anchor, Interval interval, Seconds start);
/// The full period to which a price's amount belongs: `span` itself, or the one that a stub or a cut is part of.
Span whole_period(Seconds anchor, Interval interval, Span span);

}  // namespace billhook::sandbox
