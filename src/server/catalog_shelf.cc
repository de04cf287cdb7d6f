#include "server/catalog_shelf.h"

#include "store/catalog_store.h"

namespace billhook::server {

Status CatalogShelf::reload_prices(store::Store& store) {
    auto const rows = TRY(store.read_value(store::Scope::system(),
                                           [](store::Reader& reader) { return store::list_catalog_prices(reader); }));
    prices_.store(std::make_shared<flow::PriceBook const>(rows));
    return {};
}

}  // namespace billhook::server
