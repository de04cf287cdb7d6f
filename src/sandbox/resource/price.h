#pragma once
// Making prices, also where another operation brings one along (product.default_price_data, price_data of an item).

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Creates a price from typed parameters as of POST /v1/prices; `where` is put before parameter names in errors
/// ("items[0][price_data]"). Sends price.created (and the legacy plan.created). Answers the id.
Answer<std::string> create_price(Call& call, JsonObject const& params, std::string const& where = {});

/// A lookup key names one price: refused while another holds it, unless the new one may take it over.
Answer<void> take_lookup_key(Call& call, std::string const& key, bool may_transfer, std::string const& own_id);

/// The amounts that a price can be bought for in further currencies, from typed parameters.
Answer<JsonObject> read_currency_options(JsonObject const& given, std::string const& where, bool is_tiered);

/// The legacy plan that a recurring price also is.
JsonObject plan_of(JsonObject const& price);

/// "a[b]" from "a" and "b"; "b" where there is no outer.
std::string nested_param(std::string const& outer, std::string_view name);

}  // namespace billhook::sandbox
