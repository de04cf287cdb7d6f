#include "sandbox/billing/usage.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/line_text.h"
#include "sandbox/billing/products.h"
#include "sandbox/resource/meter.h"

namespace billhook::sandbox {

std::int64_t usage_of(Call& call, std::string const& customer, BilledItem const& item, Span span) {
    auto const usage = metered_usage(call.world(), item.price.meter, customer, span.start, span.end);
    return usage.millionths / 1'000'000;
}

NewLine usage_line(Call& call, std::string const& subscription, BilledItem const& item, Span span) {
    auto const customer = text_at(*call.find("subscription", subscription), "customer");
    auto const usage = usage_of(call, customer, item, span);
    // What a threshold has billed of this period already; tiers go on where they were.
    auto const* stored = call.find("subscription_item", item.id);
    bool const has_billed = stored && time_at(*stored, "sandbox_billed_usage_since") == span.start;
    auto const billed = has_billed ? int_at(*stored, "sandbox_billed_usage") : 0;
    auto const quantity = usage - billed;
    auto const& price = *call.store().find("price", item.price.id);
    return {.amount = amount_of(item.price, usage) - (billed > 0 ? amount_of(item.price, billed) : 0),
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
            .tax_rates = item.tax_rates};
}

}  // namespace billhook::sandbox
