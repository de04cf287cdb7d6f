#include "sandbox/billing/period.h"

#include <optional>

namespace billhook::sandbox {
namespace {

bool counts_months(Interval interval) {
    return interval.unit == IntervalUnit::month || interval.unit == IntervalUnit::year;
}

Interval grid_step(Interval interval) {
    return {counts_months(interval) ? IntervalUnit::month : IntervalUnit::day, 1};
}

std::int64_t steps_in(Interval interval) {
    if (interval.unit == IntervalUnit::year) return 12LL * interval.count;
    return interval.unit == IntervalUnit::week ? 7LL * interval.count : interval.count;
}

std::int64_t floor_days(Seconds t) {
    return t >= 0 ? t / seconds_per_day : -((-t + seconds_per_day - 1) / seconds_per_day);
}

/// How many steps of the grid lie between the anchor and t; nothing when t is not on the grid.
std::optional<std::int64_t> position(Seconds anchor, Interval interval, Seconds t) {
    auto const step = grid_step(interval);
    std::int64_t steps = 0;
    if (counts_months(interval)) {
        auto const from = civil_from_days(floor_days(anchor)), to = civil_from_days(floor_days(t));
        steps = (to.year - from.year) * 12LL + (to.month - from.month);
    } else {
        steps = (t - anchor) / seconds_per_day;
    }
    if (add_intervals(anchor, step, steps) != t) return std::nullopt;
    return steps;
}

}  // namespace

Seconds add_intervals(Seconds from, Interval interval, std::int64_t n) {
    return billhook::add_intervals(Timestamp::from_seconds(from), interval, n).seconds();
}

Seconds next_boundary(Seconds anchor, Interval interval, Seconds from) {
    auto const steps = position(anchor, interval, from);
    if (!steps) return add_intervals(from, interval, 1);
    return add_intervals(anchor, grid_step(interval), *steps + steps_in(interval));
}

Span period_from(Seconds anchor, Interval interval, Seconds base, Seconds t) {
    Span period{base, next_boundary(anchor, interval, base)};
    while (period.end <= t) period = {period.end, next_boundary(anchor, interval, period.end)};
    return period;
}

Span first_period(Seconds anchor, Interval interval, Seconds start) {
    auto const natural =
        billhook::period_containing(Timestamp::from_seconds(anchor), interval, Timestamp::from_seconds(start));
    return {start, natural.end.seconds()};
}

Span following_period(Seconds anchor, Interval interval, Seconds start) {
    if (!position(anchor, interval, start)) return first_period(anchor, interval, start);
    return {start, next_boundary(anchor, interval, start)};
}

Span whole_period(Seconds anchor, Interval interval, Span span) {
    auto const natural_end = next_boundary(anchor, interval, span.start);
    if (natural_end == span.end) return span;
    if (auto const steps = position(anchor, interval, span.end))
        return {add_intervals(anchor, grid_step(interval), *steps - steps_in(interval)), span.end};
    return {span.start, natural_end};
}

}  // namespace billhook::sandbox
