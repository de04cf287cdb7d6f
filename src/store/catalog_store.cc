#include "store/catalog_store.h"

#include "store/columns.h"
#include "store/query/catalog.h"

namespace billhook::store {
namespace {

CatalogVersion read_version(Row const& row) {
    Columns columns(row);
    CatalogVersion version;
    version.id = columns.text();
    version.source = columns.text();
    version.hash = columns.text();
    version.applied_at = columns.time();
    return version;
}

CatalogPrice read_price(Row const& row) {
    Columns columns(row);
    CatalogPrice price;
    price.stripe_price_id = columns.text();
    price.currency = columns.text();
    price.lookup_key = columns.text();
    price.stripe_product_id = columns.text();
    price.plan = columns.text();
    price.interval = columns.interval();
    price.amount = columns.integer();
    price.is_active = columns.boolean();
    return price;
}

}  // namespace

Status insert_catalog_version(Writer& writer, CatalogVersion const& version) {
    TRY(writer.execute(query::catalog::insert_version, {version.id, version.source, version.hash, version.applied_at}));
    return {};
}

Result<std::optional<CatalogVersion>> find_current_catalog_version(Reader& reader) {
    return first_of(TRY(reader.query(query::catalog::find_current_version, {})), read_version);
}

Status save_catalog_price(Writer& writer, CatalogPrice const& price) {
    if (price.is_active && !price.lookup_key.empty())
        TRY(writer.execute(query::catalog::retire_price, {price.lookup_key, price.currency, price.stripe_price_id}));
    TRY(writer.execute(query::catalog::save_price,
                       {price.stripe_price_id, price.currency, price.lookup_key, price.stripe_product_id, price.plan,
                        to_string(price.interval), price.amount, price.is_active}));
    return {};
}

Result<std::optional<CatalogPrice>> find_active_catalog_price(Reader& reader, std::string_view lookup_key,
                                                              std::string_view currency) {
    return first_of(TRY(reader.query(query::catalog::find_active_price, {lookup_key, currency})), read_price);
}

Result<std::vector<CatalogPrice>> list_catalog_prices_of_stripe_price(Reader& reader,
                                                                      std::string_view stripe_price_id) {
    return all_of(TRY(reader.query(query::catalog::list_by_stripe_price, {stripe_price_id})), read_price);
}

Result<std::vector<CatalogPrice>> list_catalog_prices(Reader& reader) {
    return all_of(TRY(reader.query(query::catalog::list_prices, {})), read_price);
}

}  // namespace billhook::store
