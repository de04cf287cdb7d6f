#pragma once
// SnapshotKeeper: keeps the table of snapshots true. Whoever changes what a customer holds calls refresh() in the same
// transaction; the new snapshot stands in memory before that caller is answered. load() serves the first sight of a
// customer and the end of a grace period. Thread-safe.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "flow/entitlement/rights_shelf.h"
#include "flow/entitlement/snapshot_table.h"
#include "store/store.h"

namespace billhook::flow {

class SnapshotKeeper {
  public:
    using CatalogSource = std::function<std::shared_ptr<catalog::Catalog const>()>;

    SnapshotKeeper(store::Store& store, Clock const& clock, CatalogSource catalog, SnapshotTable& table)
        : store_(store), clock_(clock), catalog_(std::move(catalog)), table_(table) {}

    Status refresh(store::Writer& writer, CustomerId const& customer);
    /// Nobody knows whether a commit that changed what the customer has took place: it is read anew.
    void doubt(CustomerId const& customer);
    /// From the database into the table; a customer without subscription has the default plans. not_found
    /// "unknown_customer" for one that never entered: memory holds those that exist, however many are asked for.
    Result<SnapshotTable::Entry> load(CustomerId const& customer);
    /// All customers, page by page: before a process serves, so that no first check has to wait for the database.
    Status load_all();
    /// From memory; nothing where the pool has to load it: unknown, or its time has come.
    std::optional<SnapshotTable::Entry> find(CustomerId const& customer) const;

    SnapshotTable& table() { return table_; }
    std::shared_ptr<catalog::Catalog const> catalog() const { return catalog_(); }
    /// Asks the database for a sign of life and notes it, so that the table does not count as stale. What is in doubt
    /// is forgotten once more.
    Status confirm();

  private:
    /// The page behind `after`, and where it ends: nothing where there is none.
    Result<std::optional<CustomerId>> load_page(store::Reader& reader, CustomerId const& after);
    entitlement::Snapshot snapshot_of(std::vector<subscription::Subscription> const& subscriptions);

    store::Store& store_;
    Clock const& clock_;
    CatalogSource catalog_;
    SnapshotTable& table_;
    RightsShelf rights_;
    std::mutex doubts_mutex_;
    std::map<CustomerId, Timestamp> doubts_;  // until when what is read may still be from before that commit
};

}  // namespace billhook::flow
