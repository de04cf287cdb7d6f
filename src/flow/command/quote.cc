#include "flow/command/quote.h"

#include <algorithm>

#include "gateway/stripe/calls.h"

namespace billhook::flow {

using subscription::Quote;

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

/// The end of what the change bills of the target's price. Another rhythm begins a period of its own, and which one is
/// Stripe's to say: with the billing mode classic it starts over, with flexible it keeps the anchor.
std::optional<Timestamp> paid_until(stripe::Invoice const& change, std::string const& price) {
    std::optional<Timestamp> end;
    for (auto const& line : change.lines)
        if (line.price_id == price && line.amount >= 0) end = std::max(end.value_or(line.period.end), line.period.end);
    return end;
}

}  // namespace

Result<Quote> quote_change(stripe::Client const& stripe, QuoteWish const& wish) {
    Quote quote{.next_amount = TRY(recurring_amount(stripe, wish)), .next_at = wish.held.current_period.end};
    // A change of plan within a trial costs nothing until the trial ends.
    bool is_free_now = wish.held.status == subscription::Status::trialing;
    if (is_free_now || wish.effective == subscription::Effective::period_end) return quote;
    auto preview = preview_of(wish);
    preview.proration_behavior = stripe::ProrationBehavior::always_invoice;
    preview.proration_date = wish.proration_date;
    auto const invoice = TRY(stripe::create_preview(stripe, preview));
    if (wish.held.interval != wish.target.interval)
        quote.next_at = paid_until(invoice, wish.price).value_or(quote.next_at);
    quote.amount_due_now = std::max<std::int64_t>(invoice.amount_due, 0);
    for (auto const& line : invoice.lines)
        if (line.amount < 0) quote.credit -= line.amount;
    quote.proration_date = wish.proration_date;
    return quote;
}

JsonObject to_parameter(Quote const& quote) {
    JsonObject parameter{{"amount_due_now", quote.amount_due_now},
                         {"credit", quote.credit},
                         {"next_amount", quote.next_amount},
                         {"next_at", quote.next_at.seconds()}};
    if (quote.proration_date) parameter["proration_date"] = quote.proration_date->seconds();
    return parameter;
}

std::optional<Quote> quote_of(subscription::Intent const& intent) {
    auto const* parameter = find(intent.parameters, "quote");
    if (!parameter) return std::nullopt;
    Quote quote{.amount_due_now = int_or(*parameter, "amount_due_now"),
                .credit = int_or(*parameter, "credit"),
                .next_amount = int_or(*parameter, "next_amount"),
                .next_at = Timestamp::from_seconds(int_or(*parameter, "next_at"))};
    if (auto const date = find_int(*parameter, "proration_date")) quote.proration_date = Timestamp::from_seconds(*date);
    return quote;
}

}  // namespace billhook::flow
