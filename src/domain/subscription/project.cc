#include "domain/subscription/project.h"

#include <algorithm>

#include "base/check.h"

namespace billhook::subscription {

namespace {

bool is_owing(Status status) {
    return status == Status::past_due || status == Status::unpaid;
}

std::optional<Timestamp> past_due_since(std::optional<Subscription> const& current, Subscription const& observed,
                                        std::optional<Timestamp> owed_since, Timestamp stamp) {
    if (!is_owing(observed.status)) return std::nullopt;
    // The grace period runs from the first failure; a later retry or the step to unpaid does not begin it anew.
    if (current && is_owing(current->status) && current->past_due_since) return current->past_due_since;
    return owed_since ? owed_since : std::optional(stamp);
}

std::optional<HistoryEntry> history_of(std::optional<Subscription> const& current, Subscription const& record,
                                       std::string const& cause) {
    if (current && current->status == record.status && current->plan == record.plan) return std::nullopt;
    HistoryEntry entry;
    entry.customer = record.customer;
    entry.subscription = record.id;
    entry.line = record.line;
    entry.from_status = current ? to_string(current->status) : "free";
    entry.to_status = to_string(record.status);
    entry.from_plan = current ? current->plan : "";
    entry.to_plan = record.plan;
    entry.cause = cause;
    entry.at = record.observed_at;
    return entry;
}

/// Whether a look told just what is known, whenever that was. The beginning of arrears is reckoned, not told.
bool tells_the_same(Subscription const& known, Subscription observed) {
    observed.observed_at = known.observed_at;
    observed.past_due_since = known.past_due_since;
    return observed == known;
}

}  // namespace

Projection project(std::optional<Subscription> const& current, Subscription observed, LookTime const& look,
                   std::optional<Timestamp> owed_since, std::string const& cause) {
    observed.observed_at = look.stamp();
    std::ranges::sort(observed.items, {}, &Item::stripe_item_id);
    if (current) {
        CHECK(current->stripe_subscription_id == observed.stripe_subscription_id);
        if (look.is_write && current->observed_at > look.began && current->observed_at < look.returned)
            return {Projection::Effect::ask_again, *current, std::nullopt};
        observed.id = current->id;
        observed.customer = current->customer;
        observed.line = current->line;
        bool const is_resurrection = has_ended(current->status) && !has_ended(observed.status);
        if (is_resurrection) return {Projection::Effect::stale, *current, std::nullopt};
        if (observed.observed_at < current->observed_at) {
            bool const is_same = tells_the_same(*current, observed);
            return {is_same ? Projection::Effect::stale : Projection::Effect::ask_again, *current, std::nullopt};
        }
    }
    observed.past_due_since = past_due_since(current, observed, owed_since, look.stamp());
    auto history = history_of(current, observed, cause);
    return {Projection::Effect::fresh, std::move(observed), std::move(history)};
}

}  // namespace billhook::subscription
