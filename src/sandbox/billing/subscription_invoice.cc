#include "sandbox/billing/subscription_invoice.h"

#include <algorithm>

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/line_text.h"
#include "sandbox/billing/products.h"

namespace billhook::sandbox {
namespace {

void drop_discount(JsonArray& discounts, std::string const& id) {
    auto const at = std::ranges::find(discounts, Json(id));
    if (at != discounts.end()) discounts.erase(at);
}

}  // namespace

void use_up_once(Call& call, std::string const& subscription_id, std::string const& invoice_id) {
    auto const& invoice = *call.find("invoice", invoice_id);
    bool const has_debited_proration = std::ranges::any_of(line_ids(call, invoice_id), [&](std::string const& id) {
        auto const& line = *call.find("line_item", id);
        return bool_at(line, "parent.subscription_item_details.proration") && int_at(line, "amount") > 0;
    });
    for (auto const& taken : array_at(invoice, "total_discount_amounts")) {
        auto const id = text_at(taken.as_object(), "discount");
        bool const is_used = int_at(taken.as_object(), "amount") > 0 || has_debited_proration;
        if (!is_used || !is_once(call, id)) continue;
        drop_discount(call.edit("subscription", subscription_id)["discounts"].as_array(), id);
        auto const item = text_at(*call.find("discount", id), "subscription_item");
        if (!item.empty() && call.find("subscription_item", item))
            drop_discount(call.edit("subscription_item", item)["discounts"].as_array(), id);
        auto const customer = text_at(invoice, "customer");
        if (text_at(*call.find("customer", customer), "discount") == id)
            call.edit("customer", customer)["discount"] = nullptr;
    }
}

DraftedInvoice draft_subscription_invoice(Call& call, SubscriptionInvoice const& wanted) {
    auto const& subscription = *call.find("subscription", wanted.subscription);
    auto const now = wanted.at.value_or(call.now());
    auto const& discounts = wanted.discounts ? *wanted.discounts : array_at(subscription, "discounts");
    NewInvoice invoice{.customer = text_at(subscription, "customer"),
                       .subscription = wanted.subscription,
                       .currency = text_at(subscription, "currency"),
                       .reason = wanted.reason,
                       .period = wanted.period.value_or(Span{now, now}),
                       .lines = wanted.lines,
                       .discounts = holding_at(call, discounts, now),
                       .pending = wanted.takes_all_pending ? PendingItems::of_subscription : PendingItems::listed,
                       .pending_items = wanted.pending_items,
                       .auto_advance = wanted.auto_advance,
                       .created = now};
    auto drafted = draft_invoice(call, invoice);
    if (wanted.proration_date)
        call.edit("invoice", drafted.id)["parent"]
            .as_object()["subscription_details"]
            .as_object()["subscription_proration_date"] = *wanted.proration_date;
    call.edit("subscription", wanted.subscription)["latest_invoice"] = drafted.id;
    if (!wanted.discounts) use_up_once(call, wanted.subscription, drafted.id);
    return drafted;
}

NewLine item_line(Call& call, std::string const& subscription, BilledItem const& item, Span span, std::int64_t amount) {
    auto const& price = *call.store().find("price", item.price.id);
    return {.amount = amount,
            .span = span,
            .description = purchase_text(sold_thing(call, item.price.product), item.price, item.quantity),
            .price = item.price.id,
            .product = item.price.product,
            .unit_amount_decimal = price.at("unit_amount_decimal"),
            .quantity = item.quantity,
            .subscription = subscription,
            .subscription_item = item.id,
            .discounts = item.discounts,
            .metadata = item.metadata,
            .tax_rates = item.tax_rates};
}

NewLine trial_line(Call& call, std::string const& subscription, BilledItem const& item, Span span) {
    auto line = item_line(call, subscription, item, span, 0);
    line.description = trial_text(sold_thing(call, item.price.product), item.quantity);
    line.unit_amount_decimal = "0";
    return line;
}

Debit debit_of_line(Call& call, std::string const& id) {
    auto const& line = *call.find("line_item", id);
    Debit debit{.amount = int_at(line, "amount"),
                .span = {int_at(line, "period.start"), int_at(line, "period.end")},
                .price = text_at(line, "pricing.price_details.price"),
                .quantity = int_at(line, "quantity", 1),
                .line = id};
    for (auto const& taken : array_at(line, "discount_amounts")) {
        DiscountShare const share{text_at(taken.as_object(), "discount"), int_at(taken.as_object(), "amount")};
        debit.amount -= share.amount;
        debit.discounts.push_back(share);
    }
    return debit;
}

}  // namespace billhook::sandbox
