#include "flow/entitlement/snapshot_table.h"

#include <algorithm>
#include <mutex>

namespace billhook::flow {

SnapshotTable::Gauges const& SnapshotTable::Entry::gauges() const {
    static Gauges const none;
    return known_gauges ? *known_gauges : none;
}

std::int64_t SnapshotTable::Entry::used_of(std::string const& feature) const {
    auto const found = gauges().find(feature);
    return found == gauges().end() ? 0 : found->second.used;
}

Timestamp SnapshotTable::Entry::period_end(std::size_t line) const {
    return line < ends_inside ? ends[line] : further_ends[line - ends_inside];
}

SnapshotTable::Row const* SnapshotTable::Shard::find(std::string_view key) const {
    auto const row = index.find(key);
    return row ? &rows[*row] : nullptr;
}

SnapshotTable::Row& SnapshotTable::Shard::find_or_add(std::string_view key) {
    if (auto const row = index.find(key)) return rows[*row];
    index.add(key);
    return rows.emplace_back();
}

SnapshotTable::Shard& SnapshotTable::shard(CustomerId const& customer) {
    return shards_[std::hash<CustomerId>{}(customer) >> 58];
}

SnapshotTable::Shard const& SnapshotTable::shard(CustomerId const& customer) const {
    return shards_[std::hash<CustomerId>{}(customer) >> 58];
}

SnapshotTable::Extra& SnapshotTable::extra_of(Row& row) {
    if (!row.extra) row.extra = std::make_unique<Extra>();
    return *row.extra;
}

std::optional<SnapshotTable::Entry> SnapshotTable::find(CustomerId const& customer) const {
    Shard const& part = shard(customer);
    std::shared_lock const lock(part.mutex);
    Row const* const row = part.find(customer.str());
    if (!row || !row->rights) return std::nullopt;
    Entry entry{.rights = row->rights,
                .known_gauges = nullptr,
                .as_of = row->as_of,
                .valid_until = std::nullopt,
                .ends = row->ends,
                .further_ends = {}};
    if (row->extra) {
        entry.known_gauges = row->extra->gauges;
        entry.valid_until = row->extra->valid_until;
        entry.further_ends = row->extra->further_ends;
    }
    return entry;
}

void SnapshotTable::put(CustomerId const& customer, entitlement::Snapshot snapshot, std::int64_t version) {
    Shard& part = shard(customer);
    std::unique_lock const lock(part.mutex);
    Row& row = part.find_or_add(customer.str());
    // The same version may be derived again at a later time (the end of a grace period): the later derivation wins.
    if (row.rights && (row.version > version || (row.version == version && row.as_of > snapshot.as_of))) return;
    row.rights = std::move(snapshot.rights);
    row.as_of = snapshot.as_of;
    row.version = version;
    auto const inside = std::min(std::ssize(snapshot.period_ends), std::ssize(row.ends));
    std::copy_n(snapshot.period_ends.begin(), inside, row.ends.begin());
    snapshot.period_ends.erase(snapshot.period_ends.begin(), snapshot.period_ends.begin() + inside);
    if (!row.extra && !snapshot.valid_until && snapshot.period_ends.empty()) return;
    Extra& extra = extra_of(row);
    extra.valid_until = snapshot.valid_until;
    extra.further_ends = std::move(snapshot.period_ends);
}

void SnapshotTable::put_gauge(CustomerId const& customer, std::string const& feature, Gauge gauge) {
    Shard& part = shard(customer);
    std::unique_lock const lock(part.mutex);
    Extra& extra = extra_of(part.find_or_add(customer.str()));
    Gauges gauges = extra.gauges ? *extra.gauges : Gauges{};
    Gauge& known = gauges[feature];
    if (known.version > gauge.version) return;
    known = gauge;
    extra.gauges = std::make_shared<Gauges const>(std::move(gauges));
}

void SnapshotTable::forget(CustomerId const& customer) {
    Shard& part = shard(customer);
    std::unique_lock const lock(part.mutex);
    if (auto const row = part.index.find(customer.str())) part.rows[*row].rights.reset();
}

void SnapshotTable::clear() {
    for (auto& part : shards_) {
        std::unique_lock const lock(part.mutex);
        part.index.clear();
        part.rows.clear();
    }
}

std::size_t SnapshotTable::size() const {
    std::size_t count = 0;
    for (auto const& part : shards_) {
        std::shared_lock const lock(part.mutex);
        count += part.rows.size();
    }
    return count;
}

}  // namespace billhook::flow
