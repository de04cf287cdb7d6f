#pragma once
// Pricing as code: what stands in the catalog file against what stands in Stripe and in the store, and making it so.
// Planning changes nothing; applying twice changes nothing the second time. A price never changes in Stripe: another
// amount makes a new price that takes over the lookup key, and the old one is no longer sold but stays for those who
// bought it. What does not bear our mark in its metadata is never changed and never switched off.

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
    enum class Place { stripe, database };
    enum class Action { create, update, replace, revive, retire };
    enum class Thing { product, price, portal, version };
    Place place = Place::stripe;
    Action action = Action::create;
    Thing thing = Thing::product;
    std::string what;    // plan code, lookup key, "portal" or "catalog"
    std::string detail;  // for people: what is there now and what will be

    /// "create_price", "retire_product".
    std::string kind() const;
    bool operator==(CatalogChange const&) const = default;
};
char const* to_string(CatalogChange::Place place);
char const* to_string(CatalogChange::Action action);
char const* to_string(CatalogChange::Thing thing);

/// What apply_catalog would do; empty where all is so already. Errors: Stripe's and the store's; invalid
/// "price_differs" for a stripe_price_id whose price is not what the file says, with all that is wrong; conflict
/// "lookup_key_taken" where a price of another owner bears one of our lookup keys.
Result<std::vector<CatalogChange>> plan_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                std::string const& source);
/// Does it and answers what was done. A crash in the middle is finished by applying again.
Result<std::vector<CatalogChange>> apply_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                 std::string const& source);

}  // namespace billhook::flow
