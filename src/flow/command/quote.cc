#include "flow/command/quote.h"

#include <algorithm>

#include "gateway/stripe/calls.h"

namespace billhook::flow {

using subscription::Subscription;

bool begins_new_period(Subscription const& held, subscription::Target const& target) {
    return held.status != subscription::Status::trialing && held.interval != target.interval;
}

namespace {

stripe::PreviewWish preview_of(QuoteWish const& wish) {
    stripe::PreviewWish preview;
    preview.customer_id = wish.stripe_customer_id;
    preview.subscription_id = wish.held.stripe_subscription_id;
    stripe::ItemWish item;
    item.item_id = wish.held.plan_item_id;
    item.price_id = wish.price;
    item.quantity = wish.target.quantity;
    preview.items = {item};
    return preview;
}

/// What one later period costs. Asked apart: the preview of the change itself shows only what is due at once.
Result<std::int64_t> recurring_amount(stripe::Client const& stripe, QuoteWish const& wish) {
    auto preview = preview_of(wish);
    preview.proration_behavior = stripe::ProrationBehavior::none;
    preview.is_recurring = true;
    return TRY(stripe::create_preview(stripe, preview)).total;
}

}  // namespace

Status quote_now(stripe::Client const& stripe, QuoteWish const& wish, ChangeView& view) {
    bool is_new_period = begins_new_period(wish.held, wish.target);
    auto const next_at =
        is_new_period ? add_intervals(wish.proration_date, {wish.target.interval, 1}, 1) : wish.held.current_period.end;
    view.next_invoice = NextInvoice{TRY(recurring_amount(stripe, wish)), next_at};
    // A change of plan within a trial costs nothing until the trial ends.
    if (wish.held.status == subscription::Status::trialing) return {};
    auto preview = preview_of(wish);
    preview.proration_behavior = stripe::ProrationBehavior::always_invoice;
    preview.proration_date = wish.proration_date;
    if (is_new_period) preview.billing_cycle_anchor = stripe::BillingCycleAnchor::now;
    auto const invoice = TRY(stripe::create_preview(stripe, preview));
    view.amount_due_now = std::max<std::int64_t>(invoice.amount_due, 0);
    for (auto const& line : invoice.lines)
        if (line.amount < 0) view.credit -= line.amount;
    view.proration_date = wish.proration_date;
    return {};
}

Status quote_at_period_end(stripe::Client const& stripe, QuoteWish const& wish, ChangeView& view) {
    view.next_invoice = NextInvoice{TRY(recurring_amount(stripe, wish)), wish.held.current_period.end};
    return {};
}

}  // namespace billhook::flow
