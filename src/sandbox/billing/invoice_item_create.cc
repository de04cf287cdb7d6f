// Invoice items that merchants add, alone or beside a subscription's change.

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/price_terms.h"
#include "sandbox/billing/products.h"
#include "sandbox/billing/taxes.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/price.h"

namespace billhook::sandbox {
namespace {

struct Priced {
    std::int64_t amount = 0;
    std::string currency;
    std::string description;
    Json pricing = nullptr;
};

Answer<Priced> read_pricing(Call& call, JsonObject const& params, std::int64_t quantity, std::string const& where) {
    Priced priced{.currency = text_at(params, "currency"), .description = text_at(params, "description")};
    auto price_id = text_at(params, "pricing.price");
    auto param = nested_param(where, "pricing[price]");
    if (auto const* data = find(params, "price_data"); data && data->is_object()) {
        price_id = TRY(create_price(call, data->get_object(), nested_param(where, "price_data")));
        param = nested_param(where, "price_data");
    }
    if (!price_id.empty()) {
        auto const& price = *TRY(call.need("price", price_id, param));
        auto const terms = price_terms(price, priced.currency);
        if (terms.interval)
            return refuse(
                bad_request("The price specified is set to `type=recurring` but this field only accepts "
                            "prices with `type=one_time`.",
                            param));
        priced.amount = amount_of(terms, quantity);
        priced.currency = terms.currency;
        if (priced.description.empty()) priced.description = sold_thing(call, terms.product).product_name;
        priced.pricing = JsonObject{{"type", "price_details"},
                                    {"price_details", {{"price", price_id}, {"product", terms.product}}},
                                    {"unit_amount_decimal", price.at("unit_amount_decimal")}};
        return priced;
    }
    if (priced.currency.empty()) priced.currency = call.world().settings.default_currency;
    auto const amount = time_at(params, "amount");
    auto const unit = text_at(params, "unit_amount_decimal");
    if (!amount && unit.empty()) return refuse(missing_parameter(nested_param(where, "amount")));
    PriceTerms terms;
    if (!unit.empty()) terms.unit_amount = parse_decimal(unit).value_or(DecimalAmount{});
    priced.amount = amount ? *amount : amount_of(terms, quantity);
    return priced;
}

Answer<void> check_invoice(Call& call, std::string const& invoice, std::string const& customer) {
    if (invoice.empty()) return {};
    auto const& target = *TRY(call.need("invoice", invoice, "invoice"));
    if (text_at(target, "customer") != customer) return refuse(no_such("invoice", invoice, "invoice"));
    if (text_at(target, "status") != "draft")
        return refuse(bad_request("This invoice is no longer editable", "invoice", "invoice_not_editable"));
    return {};
}

Span period_of(Call& call, JsonObject const& params) {
    auto const* period = find(params, "period");
    if (!period || !find_int(*period, "start")) return {call.now(), call.now()};
    return {int_or(*period, "start"), int_or(*period, "end")};
}

}  // namespace

Answer<std::string> create_invoice_item(Call& call, JsonObject const& params, std::string const& where) {
    auto const customer = text_at(params, "customer");
    if (customer.empty()) return refuse(missing_parameter("customer"));
    auto const& payer = *TRY(call.need("customer", customer, "customer"));
    call.use_clock_of(payer);
    auto const subscription = text_at(params, "subscription");
    if (!subscription.empty()) TRY(call.need("subscription", subscription, "subscription"));
    auto const invoice = text_at(params, "invoice");
    TRY_VOID(check_invoice(call, invoice, customer));
    auto const quantity = int_at(params, "quantity", 1);
    auto const priced = TRY(read_pricing(call, params, quantity, where));
    auto id = call.new_id("ii_");
    auto discounts = TRY(redeem_discounts(call, find(params, "discounts"), {.customer = customer, .invoice_item = id},
                                          nested_param(where, "discounts")));
    JsonArray tax_rates;
    if (auto const* given = find(params, "tax_rates"))
        tax_rates = TRY(read_tax_rates(call, *given, nested_param(where, "tax_rates")));
    auto const period = period_of(call, params);
    auto const* discountable = find(params, "discountable");
    JsonObject item{{"id", id},
                    {"amount", priced.amount},
                    {"currency", priced.currency},
                    {"customer", customer},
                    {"date", call.now()},
                    {"description", or_null(priced.description)},
                    {"discountable", discountable ? *discountable : Json(priced.amount >= 0)},
                    {"discounts", std::move(discounts)},
                    {"net_amount", priced.amount},
                    {"period", {{"start", period.start}, {"end", period.end}}},
                    {"pricing", priced.pricing},
                    {"proration", false},
                    {"quantity", quantity},
                    {"quantity_decimal", std::to_string(quantity)},
                    {"tax_rates", std::move(tax_rates)},
                    {"sandbox_tax_behavior", or_null(text_at(params, "tax_behavior"))},
                    {"test_clock", payer.at("test_clock")}};
    if (!subscription.empty())
        item["parent"] = {{"type", "subscription_details"}, {"subscription_details", {{"subscription", subscription}}}};
    merge_metadata(item, params);
    call.create(object_type::invoiceitem, std::move(item));
    call.emit_now("invoiceitem.created", object_type::invoiceitem, id);
    if (!invoice.empty()) {
        add_pending_item(call, invoice, id);
        total_up(call, invoice);
    }
    return id;
}

Answer<std::string> create_item_beside(Call& call, std::string const& subscription, JsonObject const& given,
                                       std::string const& where) {
    auto const& owner = *call.find("subscription", subscription);
    JsonObject params{{"customer", owner.at("customer")},
                      {"subscription", subscription},
                      {"currency", owner.at("currency")},
                      {"pricing", {{"price", text_at(given, "price")}}}};
    copy_given(params, given,
               {"price_data", "quantity", "discounts", "discountable", "metadata", "tax_rates", "period"});
    return create_invoice_item(call, params, where);
}

}  // namespace billhook::sandbox
