#pragma once
// Making products, also where a price brings one along (product_data).

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Creates a product from typed parameters as of POST /v1/products (without default_price_data); `where` is put
/// before parameter names in errors. Sends product.created. Answers the id.
Answer<std::string> create_product(Call& call, JsonObject const& params, std::string const& where = {});

}  // namespace billhook::sandbox
