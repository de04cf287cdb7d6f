#pragma once
// Writes down what Stripe said about a price that stands for one of our plans: whether it is still the one to sell, and
// what it costs. After `catalog apply` Stripe's price is the truth.

#include <cstdint>
#include <map>
#include <string>

#include "flow/projector/context.h"
#include "gateway/stripe/product.h"
#include "store/store.h"

namespace billhook::flow {

/// What each currency costs; a price whose amounts are not plain numbers has none.
std::map<std::string, std::int64_t> amounts_of(stripe::Price const& price);

/// False where it stands for none of our plans; nothing was written then.
Result<bool> project_price(store::Writer& writer, ProjectorContext const& context, stripe::Price const& from);

}  // namespace billhook::flow
