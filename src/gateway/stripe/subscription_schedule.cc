#include "gateway/stripe/subscription_schedule.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

std::vector<PhaseDiscount> phase_discounts_of(Json const& tree) {
    std::vector<PhaseDiscount> discounts;
    if (auto const* elements = elements_at(tree, "discounts"))
        for (auto const& element : *elements) {
            // An id alone is that of a discount.
            if (element.is_string()) {
                discounts.push_back({.discount_id = id_at(element, "")});
                continue;
            }
            discounts.push_back({id_at(element, {"source.coupon", "coupon"}), id_at(element, "discount"),
                                 id_at(element, "promotion_code")});
        }
    // Before 2025-03-31.basil a phase could name one coupon instead.
    if (auto coupon = id_at(tree, "coupon"); !coupon.empty() && discounts.empty())
        discounts.push_back({.coupon_id = std::move(coupon)});
    return discounts;
}

PhaseItem parse_phase_item(Json const& tree) {
    PhaseItem item;
    item.price_id = id_at(tree, {"price", "plan"});
    item.lookup_key = string_or(tree, "price.lookup_key");
    item.quantity = find_int(tree, "quantity");
    item.discounts = phase_discounts_of(tree);
    item.tax_rate_ids = ids_at(tree, "tax_rates");
    item.metadata = metadata_at(tree);
    return item;
}

Phase parse_phase(Json const& tree) {
    Phase phase;
    phase.period = period_at(tree, "start_date", "end_date").value_or(Period{});
    // Before 2020-08-27 a phase's items were called plans.
    auto const* items = elements_at(tree, "items") ? elements_at(tree, "items") : elements_at(tree, "plans");
    if (items)
        for (auto const& item : *items) phase.items.push_back(parse_phase_item(item));
    phase.discounts = phase_discounts_of(tree);
    phase.default_tax_rate_ids = ids_at(tree, "default_tax_rates");
    phase.trial_end = time_at(tree, "trial_end");
    phase.has_automatic_tax = find_bool(tree, "automatic_tax.enabled");
    phase.proration_behavior = string_or(tree, "proration_behavior");
    phase.billing_cycle_anchor = string_or(tree, "billing_cycle_anchor");
    phase.collection_method = string_or(tree, "collection_method");
    phase.default_payment_method_id = id_at(tree, "default_payment_method");
    phase.description = string_or(tree, "description");
    phase.currency = string_or(tree, "currency");
    phase.metadata = metadata_at(tree);
    return phase;
}

}  // namespace

Result<SubscriptionSchedule> parse_subscription_schedule(Json const& tree) {
    SubscriptionSchedule schedule;
    schedule.id = TRY(require_id(tree, "subscription schedule"));
    schedule.status = string_or(tree, "status");
    schedule.customer_id = id_at(tree, "customer");
    schedule.subscription_id = id_at(tree, "subscription");
    schedule.released_subscription_id = id_at(tree, "released_subscription");
    schedule.end_behavior = first_string(tree, {"end_behavior", "renewal_behavior"});
    schedule.current_phase = period_at(tree, "current_phase.start_date", "current_phase.end_date");
    if (auto const* phases = elements_at(tree, "phases"))
        for (auto const& phase : *phases) schedule.phases.push_back(parse_phase(phase));
    schedule.released_at = time_at(tree, "released_at");
    schedule.completed_at = time_at(tree, "completed_at");
    schedule.canceled_at = time_at(tree, "canceled_at");
    schedule.test_clock_id = id_at(tree, "test_clock");
    schedule.metadata = metadata_at(tree);
    schedule.created = time_or_zero(tree, "created");
    return schedule;
}

Phase const* SubscriptionSchedule::find_current_phase() const {
    if (!current_phase) return nullptr;
    for (auto const& phase : phases)
        if (phase.period.start == current_phase->start) return &phase;
    return nullptr;
}

}  // namespace billhook::stripe
