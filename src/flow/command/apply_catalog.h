#pragma once
// Pricing as code: what stands in the catalog file against what stands in Stripe and in the store, and making it so.
// Planning changes nothing; applying twice changes nothing the second time. A price never changes in Stripe: another
// amount makes a new price that takes over the lookup key, and the old one stays for those who bought it.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "domain/catalog/catalog.h"
#include "gateway/stripe/client.h"
#include "store/store.h"

namespace billhook::flow {

struct CatalogContext {
    store::Store& store;
    stripe::Client const& stripe;
    Clock const& clock;
    RandomSource& random;
};

struct CatalogChange {
    enum class Kind { create_product, update_product, create_price, replace_price, create_portal, record };
    Kind kind = Kind::record;
    std::string what;    // plan code, lookup key, or "catalog" for the record in the store
    std::string detail;  // for people: what is there now and what will be
};
char const* to_string(CatalogChange::Kind kind);

/// What apply_catalog would do, in its order; empty where all is so already. Errors: Stripe's and the store's; invalid
/// "price_differs" for a stripe_price_id whose price is not what the file says.
Result<std::vector<CatalogChange>> plan_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                std::string const& source);
/// Does it and answers what was done. A crash in the middle is finished by applying again.
Result<std::vector<CatalogChange>> apply_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                 std::string const& source);

}  // namespace billhook::flow
