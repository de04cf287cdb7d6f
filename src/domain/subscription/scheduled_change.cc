#include "domain/subscription/scheduled_change.h"

#include <array>
#include <utility>

namespace billhook::subscription {

namespace {
constexpr std::array<std::pair<ScheduledChangeStatus, char const*>, 4> change_words{{
    {ScheduledChangeStatus::scheduled, "scheduled"},
    {ScheduledChangeStatus::done, "done"},
    {ScheduledChangeStatus::canceled, "canceled"},
    {ScheduledChangeStatus::superseded, "superseded"},
}};
}  // namespace

bool brings(ScheduledChange const& change, Target const& target) {
    return change.to_plan == target.plan && change.to_interval == target.interval &&
           change.to_quantity == target.quantity;
}

char const* to_string(ScheduledChangeStatus status) {
    for (auto const& [value, word] : change_words)
        if (value == status) return word;
    return "";
}

std::optional<ScheduledChangeStatus> parse_scheduled_change_status(std::string_view word) {
    for (auto const& [value, text] : change_words)
        if (word == text) return value;
    return std::nullopt;
}

}  // namespace billhook::subscription
