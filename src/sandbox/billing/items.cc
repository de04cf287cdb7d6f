#include "sandbox/billing/items.h"

#include <algorithm>

#include "base/check.h"
#include "sandbox/billing/discounts.h"
#include "sandbox/billing/entitlements.h"
#include "sandbox/billing/fields.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

Debit debit_from_json(JsonObject const& kept) {
    std::vector<DiscountShare> discounts;
    for (auto const& each : array_at(kept, "discounts"))
        discounts.push_back({text_at(each.as_object(), "discount"), int_at(each.as_object(), "amount")});
    return {.amount = int_at(kept, "amount"),
            .span = {int_at(kept, "start"), int_at(kept, "end")},
            .price = text_at(kept, "price"),
            .quantity = int_at(kept, "quantity"),
            .line = text_at(kept, "line"),
            .invoice_item = text_at(kept, "invoice_item"),
            .discounts = std::move(discounts)};
}

Span period_of(JsonObject const& stored) {
    return {int_at(stored, "current_period_start"), int_at(stored, "current_period_end")};
}

bool will_be_paid(Call& call, std::string const& invoice_id) {
    auto const* invoice = call.find("invoice", invoice_id);
    if (!invoice) return false;
    auto const status = text_at(*invoice, "status");
    return status == "paid" || status == "draft";
}

}  // namespace

JsonArray discount_amounts(std::vector<DiscountShare> const& shares) {
    JsonArray amounts;
    for (auto const& share : shares)
        amounts.push_back(JsonObject{{"amount", share.amount}, {"discount", share.discount}});
    return amounts;
}

JsonArray debits_as_json(std::vector<Debit> const& debits) {
    JsonArray list;
    for (auto const& debit : debits)
        list.push_back(JsonObject{{"amount", debit.amount},
                                  {"start", debit.span.start},
                                  {"end", debit.span.end},
                                  {"price", debit.price},
                                  {"quantity", debit.quantity},
                                  {"line", debit.line},
                                  {"invoice_item", debit.invoice_item},
                                  {"discounts", discount_amounts(debit.discounts)}});
    return list;
}

BilledItem load_item(Call& call, JsonObject const& stored, std::string const& currency) {
    auto const* price = call.store().find("price", text_at(stored, "price"));
    CHECK(price != nullptr);
    BilledItem item{.id = text_at(stored, "id"),
                    .price = price_terms(*price, currency),
                    .quantity = int_at(stored, "quantity", 1),
                    .period = period_of(stored),
                    .discounts = array_at(stored, "discounts"),
                    .tax_rates = array_at(stored, "tax_rates")};
    if (auto const* metadata = find(stored, "metadata"); metadata && metadata->is_object())
        item.metadata = metadata->get_object();
    for (auto const& debit : array_at(stored, "sandbox_debits"))
        item.debits.push_back(debit_from_json(debit.as_object()));
    return item;
}

std::vector<BilledItem> load_items(Call& call, std::string_view subscription) {
    std::vector<BilledItem> items;
    auto const* owner = call.find("subscription", subscription);
    CHECK(owner != nullptr);
    auto const currency = text_at(*owner, "currency");
    for (auto const& [sequence, stored] :
         call.store().where(object_type::subscription_item, "subscription", subscription))
        items.push_back(load_item(call, stored->object, currency));
    return items;
}

void save_item(Call& call, std::string const& subscription, BilledItem const& item) {
    auto& stored = call.find(object_type::subscription_item, item.id)
                       ? call.edit(object_type::subscription_item, item.id)
                       : call.create(object_type::subscription_item, {{"id", item.id},
                                                                      {"created", call.now()},
                                                                      {"current_period_end", item.period.end},
                                                                      {"current_period_start", item.period.start},
                                                                      {"price", item.price.id},
                                                                      {"subscription", subscription}});
    // What has been added to a product, or taken from it, reaches an item with its next period.
    bool const is_as_before = stored.contains("sandbox_features") && text_at(stored, "price") == item.price.id &&
                              period_of(stored).start == item.period.start;
    if (!is_as_before) stored["sandbox_features"] = features_of_product(call, item.price.product);
    stored["price"] = item.price.id;
    if (item.price.is_metered)
        stored.erase("quantity");
    else
        stored["quantity"] = item.quantity;
    stored["current_period_start"] = item.period.start;
    stored["current_period_end"] = item.period.end;
    stored["discounts"] = item.discounts;
    stored["metadata"] = item.metadata;
    stored["tax_rates"] = item.tax_rates;
    stored["sandbox_debits"] = debits_as_json(item.debits);
}

std::vector<ItemTerms> item_terms(Call& call, JsonObject const& subscription, std::vector<BilledItem> const& items,
                                  Seconds at) {
    auto const currency = text_at(subscription, "currency");
    std::vector<DiscountTerms> discounts;
    std::vector<DiscountableLine> lines;
    for (auto const& item : items) {
        auto own = discount_terms_of(call, item.discounts, currency, at, item.id);
        std::ranges::move(own, std::back_inserter(discounts));
        auto const amount = item.price.is_metered ? 0 : amount_of(item.price, item.quantity);
        lines.push_back({amount, item.id, item.price.product});
    }
    auto standing = discount_terms_of(call, array_at(subscription, "discounts"), currency, at);
    std::ranges::move(standing, std::back_inserter(discounts));
    auto const taken = apply_discounts(lines, discounts);

    std::vector<ItemTerms> terms;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto amount = lines[i].amount;
        for (auto const off : taken[i]) amount -= off;
        terms.push_back({.id = items[i].id,
                         .price = items[i].price.id,
                         .quantity = items[i].quantity,
                         .amount = amount,
                         .interval = *items[i].price.interval,
                         .is_metered = items[i].price.is_metered,
                         .period = items[i].period});
        for (std::size_t d = 0; d < discounts.size(); ++d)
            if (taken[i][d] != 0) terms.back().discounts.push_back({discounts[d].id, taken[i][d]});
        for (auto const& debit : items[i].debits)
            if (is_creditable(call, debit)) terms.back().debits.push_back(debit);
    }
    return terms;
}

bool is_creditable(Call& call, Debit const& debit) {
    if (!debit.line.empty()) {
        auto const* line = call.find("line_item", debit.line);
        return line && will_be_paid(call, text_at(*line, "invoice"));
    }
    auto const* item = call.find("invoiceitem", debit.invoice_item);
    if (!item) return false;
    auto const invoice = text_at(*item, "invoice");
    return invoice.empty() || will_be_paid(call, invoice);
}

Span shortest_period(std::vector<BilledItem> const& items) {
    CHECK(!items.empty());
    return std::ranges::min(items, {}, [](BilledItem const& item) { return item.period.end; }).period;
}

Span shortest_period(Call& call, std::string_view subscription) {
    auto const items = call.store().where(object_type::subscription_item, "subscription", subscription);
    CHECK(!items.empty());
    auto const shortest =
        std::ranges::min(items, {}, [](auto const& item) { return int_at(item.second->object, "current_period_end"); });
    return period_of(shortest.second->object);
}

}  // namespace billhook::sandbox
