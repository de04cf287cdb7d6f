#pragma once
// CatalogShelf: the catalog and the price book that everything reads, replaced whole when a new one is applied. The old
// one lives on for those who still hold it. Thread-safe.

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "domain/catalog/catalog.h"
#include "domain/catalog/parse.h"
#include "flow/price_book.h"
#include "store/catalog_store.h"
#include "store/store.h"

namespace billhook::server {

class CatalogShelf {
  public:
    std::shared_ptr<catalog::Catalog const> catalog() const { return catalog_.load(); }
    std::shared_ptr<flow::PriceBook const> prices() const { return prices_.load(); }

    void put(catalog::Catalog catalog) { catalog_.store(std::make_shared<catalog::Catalog const>(std::move(catalog))); }
    /// From what `catalog apply` and the projector left in the store.
    Status reload_prices(store::Store& store);
    /// The version that was applied since this was asked last; the first time, whatever is there is no news.
    Result<std::optional<store::CatalogVersion>> find_news(store::Store& store);
    /// For people: that this file is not the one that was applied, and what to do. Empty where it is.
    static Result<std::string> difference_from_applied(store::Store& store, catalog::Source const& source);

  private:
    std::atomic<std::shared_ptr<catalog::Catalog const>> catalog_ = std::make_shared<catalog::Catalog const>();
    std::optional<std::string> version_;  // that find_news() met last; one thread asks
    std::atomic<std::shared_ptr<flow::PriceBook const>> prices_ = std::make_shared<flow::PriceBook const>();
};

}  // namespace billhook::server
