#pragma once
// SnapshotTable: every known customer's entitlements in memory, for the check. Filled on first sight, replaced from the
// transaction that changed something, never by time. Thread-safe; a reader takes one shared lock of one shard.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "domain/entitlement/snapshot.h"

namespace billhook::flow {

class SnapshotTable {
  public:
    /// A gauge's value; `version` rises with every change of the row, so that late news never overwrites newer.
    struct Gauge {
        std::int64_t used = 0;
        std::int64_t version = 0;
    };
    using Gauges = std::unordered_map<std::string, Gauge>;
    struct Entry {
        std::shared_ptr<entitlement::Snapshot const> snapshot;
        std::shared_ptr<Gauges const> gauges;
        std::int64_t version = 0;  // of the snapshot: customer.entitlement_version
    };

    std::optional<Entry> find(CustomerId const& customer) const;
    /// Replaces what is older; what is as new or newer stays.
    void put(CustomerId const& customer, std::shared_ptr<entitlement::Snapshot const> snapshot, std::int64_t version);
    void put_gauge(CustomerId const& customer, std::string const& feature, Gauge gauge);
    void put_gauges(CustomerId const& customer, Gauges gauges);
    /// After a new catalog every snapshot is derived anew at its next use.
    void clear();

    /// The database was reachable at `now`; what stands here agrees with it. Beyond the bound answers are stale.
    void confirm(Timestamp now) { confirmed_at_ms_.store(now.ms); }
    bool is_stale(Timestamp now, Duration bound) const { return now.ms - confirmed_at_ms_.load() > bound.ms; }
    std::size_t size() const;

  private:
    static constexpr std::size_t shard_count = 64;
    struct Shard {
        mutable std::shared_mutex mutex;
        std::unordered_map<std::string, Entry> entries;
    };
    Shard& shard(CustomerId const& customer);
    Shard const& shard(CustomerId const& customer) const;

    std::array<Shard, shard_count> shards_;
    std::atomic<std::int64_t> confirmed_at_ms_ = 0;
};

}  // namespace billhook::flow
