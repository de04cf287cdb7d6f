#include "flow/projector/project_price.h"

#include <algorithm>

#include "domain/catalog/catalog.h"
#include "store/catalog_store.h"

namespace billhook::flow {

std::map<std::string, std::int64_t> amounts_of(stripe::Price const& price) {
    auto amounts = price.currency_options;
    if (price.unit_amount) amounts[price.currency] = *price.unit_amount;
    return amounts;
}

namespace {

/// `catalog apply` may have recorded what this process's catalog does not know yet: that stays as it was recorded.
bool is_recorded_as(std::vector<store::CatalogPrice> const& rows, std::string_view lookup_key) {
    return !lookup_key.empty() && std::ranges::any_of(rows, [&](store::CatalogPrice const& row) {
        return row.is_active && row.lookup_key == lookup_key;
    });
}

}  // namespace

Result<bool> project_price(store::Writer& writer, ProjectorContext const& context, stripe::Price const& from) {
    auto known = TRY(store::list_catalog_prices_of_stripe_price(writer, from.id));
    auto catalog = context.catalog();
    auto found = catalog->find_by_stripe_price(from.id, from.lookup_key);
    if (known.empty() && !found.plan) return false;
    bool const is_on_sale = from.is_active && !from.is_deleted;
    if (is_on_sale && found.plan) {
        for (auto const& [currency, amount] : amounts_of(from))
            TRY_VOID(store::save_catalog_price(writer, {from.id, currency, found.price->lookup_key, from.product_id,
                                                        found.plan->code, found.price->interval, amount, true}));
    } else if (!is_on_sale || !is_recorded_as(known, from.lookup_key)) {
        // Replaced or switched off: older subscriptions still bear it, nobody buys it any more.
        for (auto row : known) {
            if (!row.is_active) continue;
            row.is_active = false;
            TRY_VOID(store::save_catalog_price(writer, row));
        }
    }
    if (context.on_prices_changed) writer.after_commit(context.on_prices_changed);
    return true;
}

}  // namespace billhook::flow
