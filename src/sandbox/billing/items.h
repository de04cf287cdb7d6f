#pragma once
// Subscription items as billing works on them: price, quantity, current period, and the lines that paid for it.

#include <string>
#include <vector>

#include "sandbox/billing/change_plan.h"
#include "sandbox/billing/price_terms.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

inline constexpr std::size_t items_max = 20;  // of one subscription

struct BilledItem {
    std::string id;
    PriceTerms price;
    std::int64_t quantity = 1;
    Span period = {};
    std::vector<Debit> debits = {};
    JsonArray discounts = {};
    JsonArray tax_rates = {};  // instead of the subscription's
    JsonObject metadata = {};
};

/// In the order in which they were added.
std::vector<BilledItem> load_items(Call& call, std::string_view subscription);
BilledItem load_item(Call& call, JsonObject const& stored, std::string const& currency);
/// As the API lists them.
JsonArray discount_amounts(std::vector<DiscountShare> const& shares);
/// How an item keeps its debits.
JsonArray debits_as_json(std::vector<Debit> const& debits);
/// Creates the item or changes it.
void save_item(Call& call, std::string const& subscription, BilledItem const& item);

/// The items as terms: amounts are net of the subscription's and the items' discounts that hold at this time.
std::vector<ItemTerms> item_terms(Call& call, JsonObject const& subscription, std::vector<BilledItem> const& items,
                                  Seconds at);

/// Whether a debit has been paid or is still going to be: what stands on an unpaid or void invoice is not credited.
bool is_creditable(Call& call, Debit const& debit);

/// The item's period that ends first.
Span shortest_period(std::vector<BilledItem> const& items);
Span shortest_period(Call& call, std::string_view subscription);

}  // namespace billhook::sandbox
