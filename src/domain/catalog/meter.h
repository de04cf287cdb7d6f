#pragma once
// Meter: how usage events add up: what is counted, per what, over which period.

#include <compare>
#include <string>
#include <vector>

namespace billhook::catalog {

enum class Aggregation { sum, count, max, last, unique };
char const* to_string(Aggregation aggregation);

enum class MeterPeriod { calendar_month, billing_period, rolling };
char const* to_string(MeterPeriod period);

struct Meter {
    std::string code;
    std::string name;
    Aggregation aggregation = Aggregation::sum;
    std::string value_property;         // of the event: what is added up or told apart; empty for count
    std::vector<std::string> group_by;  // properties of the event
    MeterPeriod period = MeterPeriod::billing_period;
    int rolling_days = 0;  // for rolling only
    std::string unit;      // for people: "token"
    int decimals = 0;      // the scale of its quantities
    auto operator<=>(Meter const&) const = default;
};

}  // namespace billhook::catalog
