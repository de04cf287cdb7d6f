#include "server/catalog_shelf.h"

#include <utility>

#include "base/digest.h"

namespace billhook::server {

Status CatalogShelf::reload_prices(store::Store& store) {
    auto const rows = TRY(store.read_value(store::Scope::system(),
                                           [](store::Reader& reader) { return store::list_catalog_prices(reader); }));
    prices_.store(std::make_shared<flow::PriceBook const>(rows));
    return {};
}

Result<std::optional<store::CatalogVersion>> CatalogShelf::find_news(store::Store& store) {
    auto applied = TRY(store.read_value(store::Scope::system(), store::find_current_catalog_version));
    auto const before = std::exchange(version_, applied ? applied->id : "");
    if (!before || before == version_) return std::nullopt;
    return applied;
}

Result<std::string> CatalogShelf::difference_from_applied(store::Store& store, catalog::Source const& source) {
    auto const applied = TRY(store.read_value(store::Scope::system(), store::find_current_catalog_version));
    if (!applied)
        return "no catalog has been applied to this database, so nothing can be bought; run `billhook catalog apply "
               "--catalog " +
               source.file + "`";
    if (applied->hash == to_hex(sha256(source.text))) return std::string();
    return source.file + " is not the catalog that was applied at " + to_rfc3339(applied->applied_at) +
           ": what it changes about prices is not sold yet; `billhook catalog plan` shows the difference, `billhook "
           "catalog apply` makes it so";
}

}  // namespace billhook::server
