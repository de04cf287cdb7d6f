#include "flow/command/refund.h"

#include <algorithm>

#include "base/crash_point.h"
#include "gateway/stripe/ask_anew.h"
#include "gateway/stripe/calls.h"

namespace billhook::flow {

namespace {

using Walk = stripe::Client::Walk;

constexpr char const* nothing_paid = "nothing_paid";

/// The id of what the same operation has given back already; empty where nothing. What Stripe could not give back
/// stands in the list as well: a person has to see to it.
Result<std::string> find_refund(stripe::Client const& stripe, stripe::NewRefund const& wish) {
    auto const key = stripe::metadata_key::refund;
    auto const operation = stripe::metadata_or_empty(wish.metadata, key);
    std::string found;
    TRY_VOID(stripe::for_each_refund(stripe, wish.payment_intent_id, wish.charge_id,
                                     [&](stripe::Refund const& each) -> Result<Walk> {
                                         if (stripe::metadata_or_empty(each.metadata, key) != operation)
                                             return Walk::on;
                                         found = each.id;
                                         return Walk::stop;
                                     }));
    return found;
}

Result<std::string> refund_invoice(stripe::Client const& stripe, stripe::Invoice const& invoice,
                                   std::optional<std::int64_t> amount, std::string const& operation,
                                   std::string const& reason) {
    auto const* payment = invoice.find_payment();
    if (invoice.amount_paid <= 0 || !payment || amount == 0) return nothing_paid;
    stripe::NewRefund wish;
    wish.payment_intent_id = payment->payment_intent_id;
    if (wish.payment_intent_id.empty()) wish.charge_id = payment->charge_id;
    if (wish.payment_intent_id.empty() && wish.charge_id.empty()) return nothing_paid;
    if (amount && *amount < invoice.amount_paid) wish.amount = amount;
    wish.reason = reason;
    wish.metadata = {{std::string(stripe::metadata_key::refund), operation}};
    crash_point("refund.begun");
    std::string found;
    auto refund = stripe::ask_anew(
        stripe::IdempotencyKey::of(operation, "refund:" + invoice.id),
        [&](auto const& key) { return stripe::create_refund(stripe, wish, key); },
        [&]() -> Result<bool> {
            found = TRY(find_refund(stripe, wish));
            return !found.empty();
        });
    crash_point("refund.created");
    // Given back already, by us before a crash or by a person in the Dashboard.
    if (!refund && refund.error().reason == "charge_already_refunded") return "refunded_already";
    auto const made = TRY(std::move(refund));
    return made ? made->id : found;
}

}  // namespace

Result<std::int64_t> unused_amount(stripe::Client const& stripe, std::string const& stripe_subscription_id) {
    auto subscription = TRY(stripe::retrieve_subscription(stripe, stripe_subscription_id));
    stripe::PreviewWish wish;
    wish.customer_id = subscription.customer_id;
    wish.subscription_id = stripe_subscription_id;
    wish.cancels_now = true;
    wish.proration_behavior = stripe::ProrationBehavior::create_prorations;
    auto preview = TRY(stripe::create_preview(stripe, wish));
    std::int64_t credit = 0;
    for (auto const& line : preview.lines)
        if (line.is_proration) credit -= line.amount - line.discount_total + line.exclusive_tax_total;
    return std::max<std::int64_t>(credit, 0);
}

Result<std::vector<std::string>> refund_period(stripe::Client const& stripe, stripe::Subscription const& subscription,
                                               std::optional<std::int64_t> amount, std::string const& operation) {
    std::vector<std::string> refunds;
    if (subscription.items.empty()) return refunds;
    stripe::InvoiceQuery query;
    query.subscription_id = subscription.id;
    query.status = "paid";
    query.created_since =
        std::ranges::min(subscription.items, {}, [](auto const& item) { return item.period.start; }).period.start;
    TRY_VOID(stripe::for_each_invoice(stripe, query, [&](stripe::Invoice const& listed) -> Result<Walk> {
        if (amount == 0) return Walk::stop;
        // The list does not carry the payments.
        auto const invoice = TRY(stripe::retrieve_invoice(stripe, listed.id));
        auto const refund = TRY(refund_invoice(stripe, invoice, amount, operation, "requested_by_customer"));
        if (refund == nothing_paid) return Walk::on;
        refunds.push_back(refund);
        if (amount) *amount -= std::min(*amount, invoice.amount_paid);
        return Walk::on;
    }));
    return refunds;
}

Status refund_all_invoices(stripe::Client const& stripe, std::string const& stripe_subscription_id,
                           std::string const& operation) {
    stripe::InvoiceQuery query;
    query.subscription_id = stripe_subscription_id;
    query.status = "paid";
    return stripe::for_each_invoice(stripe, query, [&](stripe::Invoice const& listed) -> Result<Walk> {
        // The list does not carry the payments.
        auto invoice = TRY(stripe::retrieve_invoice(stripe, listed.id));
        TRY(refund_invoice(stripe, invoice, std::nullopt, operation, "duplicate"));
        return Walk::on;
    });
}

}  // namespace billhook::flow
