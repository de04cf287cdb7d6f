#pragma once
// SnapshotTable: every known customer's entitlements in memory, for the check. Filled on first sight, replaced from the
// transaction that changed something, never by time. Thread-safe; a reader takes one shared lock of one shard. Made for
// a million customers: a row is 56 bytes, its key lies in an arena, the index holds its place there, and the rights are
// shared.

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/entitlement/snapshot.h"
#include "flow/entitlement/row_index.h"

namespace billhook::flow {

class SnapshotTable {
  public:
    /// A gauge's value; `version` rises with every change of the row, so that late news never overwrites newer.
    struct Gauge {
        std::int64_t used = 0;
        std::int64_t version = 0;
    };
    using Gauges = std::unordered_map<std::string, Gauge>;
    static constexpr std::size_t ends_inside = 2;  // few customers hold more than two product lines
    struct Entry {
        std::shared_ptr<entitlement::Rights const> rights;
        std::shared_ptr<Gauges const> known_gauges;  // null: nothing was ever allocated
        Timestamp as_of;
        std::optional<Timestamp> valid_until;
        std::array<Timestamp, ends_inside> ends;  // of the lines' periods, in their order
        std::vector<Timestamp> further_ends;

        Gauges const& gauges() const;
        /// 0 where nothing was allocated.
        std::int64_t used_of(std::string const& feature) const;
        Timestamp period_end(std::size_t line) const;
    };

    std::optional<Entry> find(CustomerId const& customer) const;
    /// Replaces what is older; what is as new or newer stays. `version` is customer.entitlement_version.
    void put(CustomerId const& customer, entitlement::Snapshot snapshot, std::int64_t version);
    void put_gauge(CustomerId const& customer, std::string const& feature, Gauge gauge);
    /// At its next use it is read anew.
    void forget(CustomerId const& customer);
    /// After a new catalog every snapshot is derived anew at its next use.
    void clear();

    /// The database was reachable at `now`; what stands here agrees with it. Beyond the bound answers are stale.
    void confirm(Timestamp now) { confirmed_at_ms_.store(now.ms); }
    bool is_stale(Timestamp now, Duration bound) const { return now.ms - confirmed_at_ms_.load() > bound.ms; }
    std::size_t size() const;

  private:
    static constexpr std::size_t shard_count = 64;

    /// What few customers have.
    struct Extra {
        std::shared_ptr<Gauges const> gauges;
        std::optional<Timestamp> valid_until;
        std::vector<Timestamp> further_ends;
    };
    struct Row {
        std::shared_ptr<entitlement::Rights const> rights;  // null: only a gauge is known
        Timestamp as_of;
        std::int64_t version = 0;
        std::array<Timestamp, ends_inside> ends;
        std::unique_ptr<Extra> extra;
    };
    struct Shard {
        mutable std::shared_mutex mutex;
        RowIndex index;
        std::deque<Row> rows;

        Row const* find(std::string_view key) const;
        Row& find_or_add(std::string_view key);
    };
    Shard& shard(CustomerId const& customer);
    Shard const& shard(CustomerId const& customer) const;
    static Extra& extra_of(Row& row);

    std::array<Shard, shard_count> shards_;
    std::atomic<std::int64_t> confirmed_at_ms_ = 0;
};

}  // namespace billhook::flow
