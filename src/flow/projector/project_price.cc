#include "flow/projector/project_price.h"

#include "domain/catalog/catalog.h"
#include "store/catalog_store.h"

namespace billhook::flow {

namespace {

/// What each currency costs; a price whose amounts are not plain numbers has none.
std::map<std::string, std::int64_t> amounts_of(stripe::Price const& from) {
    auto amounts = from.currency_options;
    if (from.unit_amount) amounts[from.currency] = *from.unit_amount;
    return amounts;
}

}  // namespace

Result<bool> project_price(store::Writer& writer, ProjectorContext const& context, stripe::Price const& from) {
    auto known = TRY(store::list_catalog_prices_of_stripe_price(writer, from.id));
    auto catalog = context.catalog();
    auto found = catalog->find_by_stripe_price(from.id, from.lookup_key);
    if (known.empty() && !found.plan) return false;
    if (from.is_deleted || !from.is_active || !found.plan) {
        // Replaced or switched off: older subscriptions still bear it, nobody buys it any more.
        for (auto row : known) {
            if (!row.is_active) continue;
            row.is_active = false;
            TRY_VOID(store::save_catalog_price(writer, row));
        }
    } else {
        for (auto const& [currency, amount] : amounts_of(from))
            TRY_VOID(store::save_catalog_price(writer, {from.id, currency, found.price->lookup_key, from.product_id,
                                                        found.plan->code, found.price->interval, amount, true}));
    }
    if (context.on_prices_changed) writer.after_commit(context.on_prices_changed);
    return true;
}

}  // namespace billhook::flow
