#pragma once
// Prices that the catalog names by `stripe_price_id`: they are Stripe's own affair, read and never changed; they only
// have to be what the file says of them.

#include "flow/command/apply_catalog_survey.h"

namespace billhook::flow {

/// Reads each of them and makes it what stands for its price. Errors: Stripe's; invalid "price_differs" that lists all
/// that is wrong with any of them.
Status verify_named_prices(stripe::Client const& client, catalog::Catalog const& catalog,
                           std::vector<SurveyedPrice>& prices);

}  // namespace billhook::flow
