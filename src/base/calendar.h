#pragma once
// Civil dates in UTC and the billing rule for intervals: every boundary is computed from the anchor plus n intervals,
// never from the previous boundary, and a day that a month lacks becomes its last day (31 Jan, 28 Feb, 31 Mar).
// Source: Stripe, "Set the subscription billing renewal date".

#include <cstdint>
#include <string>
#include <string_view>

#include "base/period.h"
#include "base/result.h"

namespace billhook {

struct CivilDate {
    int year = 1970;
    int month = 1;  // 1..12
    int day = 1;    // 1..31
    auto operator<=>(CivilDate const&) const = default;
};

std::int64_t days_from_civil(CivilDate date);  // days since 1970-01-01
CivilDate civil_from_days(std::int64_t days);
int days_in_month(int year, int month);

enum class IntervalUnit { day, week, month, year };
struct Interval {
    IntervalUnit unit = IntervalUnit::month;
    int count = 1;
    auto operator<=>(Interval const&) const = default;
};

char const* to_string(IntervalUnit unit);
Result<IntervalUnit> parse_interval_unit(std::string_view text);

/// anchor + n × interval (n may be negative), keeping the time of day.
Timestamp add_intervals(Timestamp anchor, Interval interval, std::int64_t n);
/// The period, of those laid out from the anchor, that contains t.
Period period_containing(Timestamp anchor, Interval interval, Timestamp t);

}  // namespace billhook
