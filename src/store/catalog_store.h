#pragma once
// What `catalog apply` left behind: the files that were applied, and which Stripe price stands for which plan. A price
// that was replaced stays known, because older subscriptions still bear it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "store/store.h"

namespace billhook::store {

struct CatalogVersion {
    std::string id;      // "cat_…"
    std::string source;  // the YAML text
    std::string hash;    // hex SHA-256 of the source
    Timestamp applied_at;
    auto operator<=>(CatalogVersion const&) const = default;
};

struct CatalogPrice {
    std::string stripe_price_id;
    std::string currency;  // lower case; a price with currency options has a row for each
    std::string lookup_key;
    std::string stripe_product_id;
    std::string plan;
    IntervalUnit interval = IntervalUnit::month;
    std::int64_t amount = 0;  // minor units
    bool is_active = true;    // false: replaced by a newer price of the same lookup key
    auto operator<=>(CatalogPrice const&) const = default;
};

Status insert_catalog_version(Writer& writer, CatalogVersion const& version);
/// The one applied last.
Result<std::optional<CatalogVersion>> find_current_catalog_version(Reader& reader);

/// Inserts or replaces by (stripe_price_id, currency). An active one takes the lookup key from the one that had it.
Status save_catalog_price(Writer& writer, CatalogPrice const& price);
Result<std::optional<CatalogPrice>> find_active_catalog_price(Reader& reader, std::string_view lookup_key,
                                                              std::string_view currency);
/// Active or not; one row for each currency.
Result<std::vector<CatalogPrice>> list_catalog_prices_of_stripe_price(Reader& reader, std::string_view stripe_price_id);
Result<std::vector<CatalogPrice>> list_catalog_prices(Reader& reader);

}  // namespace billhook::store
