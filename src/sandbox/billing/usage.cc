#include "sandbox/billing/usage.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/line_text.h"
#include "sandbox/billing/products.h"
#include "sandbox/resource/meter.h"

namespace billhook::sandbox {
namespace {

std::int64_t whole_usage(Call& call, std::string const& customer, PriceTerms const& price, Span span) {
    return metered_usage(call.world(), price.meter, customer, span.start, span.end).millionths / 1'000'000;
}

/// Tiers go on where they were.
std::int64_t amount_of_rest(PriceTerms const& price, std::int64_t usage, std::int64_t billed) {
    return amount_of(price, usage) - (billed > 0 ? amount_of(price, billed) : 0);
}

}  // namespace

std::int64_t usage_of(Call& call, std::string const& customer, BilledItem const& item, Span span) {
    return whole_usage(call, customer, item.price, span);
}

NewLine usage_line(Call& call, std::string const& subscription, BilledItem const& item, Span span) {
    auto const customer = text_at(*call.find("subscription", subscription), "customer");
    auto const usage = usage_of(call, customer, item, span);
    // What a threshold has billed of this period already.
    auto const* stored = call.find("subscription_item", item.id);
    bool const has_billed = stored && time_at(*stored, "sandbox_billed_usage_since") == span.start;
    auto const billed = has_billed ? int_at(*stored, "sandbox_billed_usage") : 0;
    auto const quantity = usage - billed;
    auto const& price = *call.store().find("price", item.price.id);
    return {.amount = amount_of_rest(item.price, usage, billed),
            .span = span,
            .description = purchase_text(sold_thing(call, item.price.product), item.price, quantity),
            .price = item.price.id,
            .product = item.price.product,
            .unit_amount_decimal = price.at("unit_amount_decimal"),
            .quantity = quantity,
            .subscription = subscription,
            .subscription_item = item.id,
            .discounts = item.discounts,
            .metadata = item.metadata,
            .tax_rates = item.tax_rates,
            .usage_before = billed};
}

void count_late_usage(Call& call, std::string const& id) {
    auto const& invoice = *call.find("invoice", id);
    if (text_at(invoice, "billing_reason") != "subscription_cycle") return;
    auto const customer = text_at(invoice, "customer");
    for (auto const& line_id : line_ids(call, id)) {
        auto const& line = *call.find("line_item", line_id);
        auto const billed = time_at(line, "sandbox_usage_before");
        if (!billed) continue;
        auto const price = price_terms(*call.store().find("price", text_at(line, "pricing.price_details.price")),
                                       text_at(invoice, "currency"));
        auto const usage =
            whole_usage(call, customer, price, {int_at(line, "period.start"), int_at(line, "period.end")});
        auto const quantity = usage - *billed;
        if (quantity == int_at(line, "quantity")) continue;
        auto const amount = amount_of_rest(price, usage, *billed);
        auto const description = purchase_text(sold_thing(call, price.product), price, quantity);
        auto& changed = call.edit("line_item", line_id);
        changed["amount"] = amount;
        changed["subtotal"] = amount;
        changed["quantity"] = quantity;
        changed["quantity_decimal"] = std::to_string(quantity);
        changed["description"] = description;
    }
}

}  // namespace billhook::sandbox
