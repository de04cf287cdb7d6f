#include "domain/subscription/subscription.h"

#include <array>
#include <utility>

namespace billhook::subscription {

namespace {
constexpr std::array<std::pair<Status, char const*>, 8> subscription_status_words{{
    {Status::incomplete, "incomplete"},
    {Status::incomplete_expired, "incomplete_expired"},
    {Status::trialing, "trialing"},
    {Status::active, "active"},
    {Status::past_due, "past_due"},
    {Status::unpaid, "unpaid"},
    {Status::canceled, "canceled"},
    {Status::paused, "paused"},
}};
}  // namespace

char const* to_string(Status status) {
    for (auto const& [value, word] : subscription_status_words)
        if (value == status) return word;
    return "";
}

std::optional<Status> parse_status(std::string_view word) {
    for (auto const& [value, text] : subscription_status_words)
        if (word == text) return value;
    return std::nullopt;
}

bool has_ended(Status status) {
    return status == Status::canceled || status == Status::incomplete_expired;
}

bool ends_with_period(Subscription const& subscription) {
    auto const& end = subscription.cancel_at;
    return subscription.cancel_at_period_end || (end && *end <= subscription.current_period.end);
}

Item const* find_plan_item(Subscription const& subscription) {
    for (auto const& item : subscription.items)
        if (!item.stripe_item_id.empty() && item.stripe_item_id == subscription.plan_item_id) return &item;
    return nullptr;
}

std::int64_t plan_quantity(Subscription const& subscription) {
    auto const* item = find_plan_item(subscription);
    return item ? item->quantity : 1;
}

}  // namespace billhook::subscription
