#include "gateway/stripe/subscription.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

Result<Price> price_of(Json const& item) {
    for (auto const* name : {"price", "plan"}) {
        if (auto const* object = object_at(item, name)) return parse_price(*object);
        if (auto id = id_at(item, name); !id.empty()) {
            Price price;
            price.id = std::move(id);
            return price;
        }
    }
    return fail(not_understood("Stripe sent a subscription item without a price."));
}

Result<std::vector<SubscriptionItem>> read_items(Json const& tree, std::string_view path, Period fallback) {
    std::vector<SubscriptionItem> items;
    if (auto const* elements = elements_at(tree, path))
        for (auto const& element : *elements) items.push_back(TRY(parse_subscription_item(element, fallback)));
    return items;
}

void read_times(Json const& tree, Subscription& subscription) {
    subscription.created = time_or_zero(tree, "created");
    subscription.start_date = time_at(tree, "start_date").value_or(time_or_zero(tree, "start"));
    subscription.billing_cycle_anchor = time_or_zero(tree, "billing_cycle_anchor");
    subscription.trial_start = time_at(tree, "trial_start");
    subscription.trial_end = time_at(tree, "trial_end");
    subscription.cancel_at_period_end = bool_or(tree, "cancel_at_period_end");
    subscription.cancel_at = time_at(tree, "cancel_at");
    subscription.canceled_at = time_at(tree, "canceled_at");
    subscription.ended_at = time_at(tree, "ended_at");
    subscription.cancellation_reason = string_or(tree, "cancellation_details.reason");
    subscription.cancellation_comment = string_or(tree, "cancellation_details.comment");
}

Result<std::optional<PendingUpdate>> pending_update_of(Json const& tree, Period period) {
    auto const* object = object_at(tree, "pending_update");
    if (!object) return std::nullopt;
    PendingUpdate update;
    update.expires_at = time_or_zero(*object, "expires_at");
    update.trial_end = time_at(*object, "trial_end");
    update.items = TRY(read_items(*object, "subscription_items", period));
    return update;
}

std::vector<Discount> discounts_of(Json const& tree) {
    std::vector<Discount> discounts;
    if (auto const* elements = elements_at(tree, "discounts"))
        for (auto const& element : *elements) discounts.push_back(parse_discount(element));
    // Before 2025-03-31.basil a single discount stood beside the list, or instead of it.
    if (auto const* single = object_at(tree, "discount"); single && discounts.empty())
        discounts.push_back(parse_discount(*single));
    return discounts;
}

Status read_expanded(Json const& tree, Subscription& subscription) {
    if (auto const* object = object_at(tree, "customer")) subscription.customer = TRY(parse_customer(*object));
    if (auto const* object = object_at(tree, "latest_invoice"))
        subscription.latest_invoice = TRY(parse_invoice(*object));
    if (auto const* object = object_at(tree, "default_payment_method"))
        subscription.default_payment = TRY(parse_payment_method(*object));
    return {};
}

}  // namespace

Result<SubscriptionItem> parse_subscription_item(Json const& tree, Period fallback) {
    SubscriptionItem item;
    item.id = TRY(require_id(tree, "subscription item"));
    item.price = TRY(price_of(tree));
    item.quantity = find_int(tree, "quantity");
    item.period = period_at(tree, "current_period_start", "current_period_end").value_or(fallback);
    item.metadata = metadata_at(tree);
    item.created = time_or_zero(tree, "created");
    return item;
}

Result<Subscription> parse_subscription(Json const& tree) {
    Subscription subscription;
    subscription.id = TRY(require_id(tree, "subscription"));
    subscription.customer_id = id_at(tree, "customer");
    subscription.status = string_or(tree, "status");
    subscription.currency = string_or(tree, "currency");
    subscription.collection_method = first_string(tree, {"collection_method", "billing"});
    subscription.billing_mode = string_or(tree, "billing_mode.type", "classic");
    subscription.description = string_or(tree, "description");
    // Before 2025-03-31.basil all items shared the period that stood on the subscription.
    auto const period = period_at(tree, "current_period_start", "current_period_end").value_or(Period{});
    subscription.items = TRY(read_items(tree, "items", period));
    subscription.has_more_items = has_more_at(tree, "items");
    read_times(tree, subscription);
    subscription.is_collection_paused = object_at(tree, "pause_collection") != nullptr;
    subscription.schedule_id = id_at(tree, "schedule");
    subscription.latest_invoice_id = id_at(tree, "latest_invoice");
    subscription.default_payment_method_id = id_at(tree, {"default_payment_method", "default_source"});
    subscription.pending_setup_intent_id = id_at(tree, "pending_setup_intent");
    subscription.pending_update = TRY(pending_update_of(tree, period));
    subscription.discounts = discounts_of(tree);
    subscription.test_clock_id = id_at(tree, "test_clock");
    subscription.metadata = metadata_at(tree);
    TRY_VOID(read_expanded(tree, subscription));
    return subscription;
}

SubscriptionItem const* Subscription::find_item(std::string_view item_id) const {
    for (auto const& item : items)
        if (item.id == item_id) return &item;
    return nullptr;
}

std::optional<Timestamp> Subscription::earliest_period_end() const {
    std::optional<Timestamp> earliest;
    for (auto const& item : items)
        if (item.period != Period{} && (!earliest || item.period.end < *earliest)) earliest = item.period.end;
    return earliest;
}

}  // namespace billhook::stripe
