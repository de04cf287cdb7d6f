#include "flow/projector/translate.h"

namespace billhook::flow {

PlanOfPrice find_plan_of_price(catalog::Catalog const& catalog, PriceBook const& prices, std::string const& price_id,
                               std::string const& lookup_key) {
    if (auto const* meaning = prices.find(price_id)) return {catalog.find_plan(meaning->plan), meaning->interval};
    // What the file names by its id may be bought before the book knows it.
    auto const found = catalog.find_by_stripe_price(price_id, lookup_key);
    if (!found.plan || !found.price) return {};
    return {found.plan, found.price->interval};
}

std::optional<PlanItem> find_plan_item(catalog::Catalog const& catalog, PriceBook const& prices,
                                       stripe::Subscription const& from, std::string const& line) {
    for (auto const& item : from.items) {
        auto meaning = find_plan_of_price(catalog, prices, item.price.id, item.price.lookup_key);
        if (meaning.plan && (line.empty() || meaning.plan->line == line)) return PlanItem{&item, meaning};
    }
    return std::nullopt;
}

Result<subscription::Subscription> translate(stripe::Subscription const& from) {
    auto status = subscription::parse_status(from.status);
    if (!status)
        return fail(unavailable("stripe_answer_not_understood",
                                "Stripe named a subscription status that this version does not know."));
    subscription::Subscription out;
    out.currency = from.currency;
    out.status = *status;
    out.stripe_subscription_id = from.id;
    out.stripe_schedule_id = from.schedule_id;
    out.trial_end = from.trial_end;
    out.cancel_at_period_end = from.cancel_at_period_end;
    out.cancel_at = from.cancel_at;
    out.canceled_at = from.canceled_at;
    out.ended_at = from.ended_at;
    if (from.pending_update) out.pending_update_expires_at = from.pending_update->expires_at;
    out.latest_invoice_id = from.latest_invoice_id;
    out.created_at = from.created;
    for (auto const& item : from.items)
        out.items.push_back(
            {item.id, item.price.id, item.price.lookup_key, item.quantity.value_or(0), item.is_metered(), item.period});
    return out;
}

Result<invoice::Invoice> translate(stripe::Invoice const& from) {
    auto status = invoice::parse_status(from.status);
    if (!status)
        return fail(unavailable("stripe_answer_not_understood",
                                "Stripe named an invoice status that this version does not know."));
    invoice::Invoice out;
    out.stripe_invoice_id = from.id;
    out.number = from.number;
    out.status = *status;
    out.billing_reason = from.billing_reason;
    out.currency = from.currency;
    out.amount_due = from.amount_due;
    out.amount_paid = from.amount_paid;
    out.amount_remaining = from.amount_remaining;
    out.subtotal = from.subtotal;
    out.tax = from.tax_total;
    out.total = from.total;
    out.period = from.period;
    out.hosted_invoice_url = from.hosted_invoice_url;
    out.invoice_pdf = from.invoice_pdf;
    out.attempt_count = static_cast<int>(from.attempt_count);
    out.next_payment_attempt_at = from.next_payment_attempt;
    out.due_at = from.due_date;
    out.finalized_at = from.finalized_at;
    out.paid_at = from.paid_at;
    out.created_at = from.created;
    return out;
}

std::optional<PlannedChange> find_planned_change(catalog::Catalog const& catalog, PriceBook const& prices,
                                                 stripe::SubscriptionSchedule const& schedule,
                                                 std::string const& line) {
    if (schedule.status != "active" && schedule.status != "not_started") return std::nullopt;
    for (auto const& phase : schedule.phases) {
        if (schedule.current_phase && phase.period.start < schedule.current_phase->end) continue;
        for (auto const& item : phase.items) {
            auto meaning = find_plan_of_price(catalog, prices, item.price_id, item.lookup_key);
            if (meaning.plan && meaning.plan->line == line)
                return PlannedChange{meaning.plan, meaning.interval, item.quantity.value_or(1), phase.period.start};
        }
    }
    return std::nullopt;
}

}  // namespace billhook::flow
