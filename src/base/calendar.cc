#include "base/calendar.h"

#include <algorithm>

namespace billhook {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

}  // namespace

// Howard Hinnant's days_from_civil: exact over the whole proleptic Gregorian calendar.
std::int64_t days_from_civil(CivilDate date) {
    std::int64_t year = date.year - (date.month <= 2);
    std::int64_t const era = floor_div(year, 400);
    std::int64_t const year_of_era = year - era * 400;
    std::int64_t const day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    std::int64_t const day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
    days += 719468;
    std::int64_t const era = floor_div(days, 146097);
    std::int64_t const day_of_era = days - era * 146097;
    std::int64_t const year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    std::int64_t const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    std::int64_t const month_index = (5 * day_of_year + 2) / 153;
    int const day = static_cast<int>(day_of_year - (153 * month_index + 2) / 5 + 1);
    int const month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
    int const year = static_cast<int>(year_of_era + era * 400 + (month <= 2));
    return {year, month, day};
}

int days_in_month(int year, int month) {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool const is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

char const* to_string(IntervalUnit unit) {
    switch (unit) {
        case IntervalUnit::day:
            return "day";
        case IntervalUnit::week:
            return "week";
        case IntervalUnit::month:
            return "month";
        case IntervalUnit::year:
            return "year";
    }
    return "month";
}

Result<IntervalUnit> parse_interval_unit(std::string_view text) {
    for (auto unit : {IntervalUnit::day, IntervalUnit::week, IntervalUnit::month, IntervalUnit::year})
        if (text == to_string(unit)) return unit;
    return fail(invalid("interval", "expected one of day, week, month, year"));
}

Timestamp add_intervals(Timestamp anchor, Interval interval, std::int64_t n) {
    std::int64_t const steps = n * interval.count;
    if (interval.unit == IntervalUnit::day) return anchor + Duration::days(steps);
    if (interval.unit == IntervalUnit::week) return anchor + Duration::days(7 * steps);

    std::int64_t const days = floor_div(anchor.ms, ms_per_day);
    std::int64_t const time_of_day = anchor.ms - days * ms_per_day;
    CivilDate const date = civil_from_days(days);
    std::int64_t const months = interval.unit == IntervalUnit::year ? 12 * steps : steps;
    std::int64_t const month_index = std::int64_t{date.year} * 12 + (date.month - 1) + months;
    int const year = static_cast<int>(floor_div(month_index, 12));
    int const month = static_cast<int>(month_index - std::int64_t{year} * 12) + 1;
    int const day = std::min(date.day, days_in_month(year, month));
    return {days_from_civil({year, month, day}) * ms_per_day + time_of_day};
}

Period period_containing(Timestamp anchor, Interval interval, Timestamp t) {
    constexpr std::int64_t unit_ms_max[] = {ms_per_day, 7 * ms_per_day, 31 * ms_per_day, 366 * ms_per_day};
    std::int64_t const step_ms = unit_ms_max[static_cast<int>(interval.unit)] * interval.count;
    std::int64_t n = floor_div(t.ms - anchor.ms, step_ms);
    // The estimate never overshoots by more than one step per few years; walk to the exact period.
    while (add_intervals(anchor, interval, n) > t) --n;
    while (add_intervals(anchor, interval, n + 1) <= t) ++n;
    return {add_intervals(anchor, interval, n), add_intervals(anchor, interval, n + 1)};
}

}  // namespace billhook
