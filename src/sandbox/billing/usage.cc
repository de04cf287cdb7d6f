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
    auto const quantity = usage_of(call, customer, item, span);
    auto const& price = *call.store().find("price", item.price.id);
    return {.amount = amount_of(item.price, quantity),
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
