#include "flow/entitlement/snapshot_table.h"

#include <mutex>

namespace billhook::flow {

SnapshotTable::Shard& SnapshotTable::shard(CustomerId const& customer) {
    return shards_[std::hash<CustomerId>{}(customer) % shard_count];
}

SnapshotTable::Shard const& SnapshotTable::shard(CustomerId const& customer) const {
    return shards_[std::hash<CustomerId>{}(customer) % shard_count];
}

std::optional<SnapshotTable::Entry> SnapshotTable::find(CustomerId const& customer) const {
    Shard const& part = shard(customer);
    std::shared_lock const lock(part.mutex);
    auto const found = part.entries.find(customer.str());
    if (found == part.entries.end() || !found->second.snapshot) return std::nullopt;
    return found->second;
}

void SnapshotTable::put(CustomerId const& customer, std::shared_ptr<entitlement::Snapshot const> snapshot,
                        std::int64_t version) {
    Shard& part = shard(customer);
    std::unique_lock const lock(part.mutex);
    Entry& entry = part.entries[customer.str()];
    // The same version may be derived again at a later time (the end of a grace period): the later derivation wins.
    if (entry.snapshot &&
        (entry.version > version || (entry.version == version && entry.snapshot->as_of > snapshot->as_of)))
        return;
    entry.snapshot = std::move(snapshot);
    entry.version = version;
    if (!entry.gauges) entry.gauges = std::make_shared<Gauges const>();
}

void SnapshotTable::put_gauge(CustomerId const& customer, std::string const& feature, Gauge gauge) {
    Shard& part = shard(customer);
    std::unique_lock const lock(part.mutex);
    Entry& entry = part.entries[customer.str()];
    Gauges gauges = entry.gauges ? *entry.gauges : Gauges{};
    Gauge& known = gauges[feature];
    if (known.version > gauge.version) return;
    known = gauge;
    entry.gauges = std::make_shared<Gauges const>(std::move(gauges));
}

void SnapshotTable::put_gauges(CustomerId const& customer, Gauges gauges) {
    for (auto const& [feature, gauge] : gauges) put_gauge(customer, feature, gauge);
}

void SnapshotTable::clear() {
    for (auto& part : shards_) {
        std::unique_lock const lock(part.mutex);
        part.entries.clear();
    }
}

std::size_t SnapshotTable::size() const {
    std::size_t count = 0;
    for (auto const& part : shards_) {
        std::shared_lock const lock(part.mutex);
        count += part.entries.size();
    }
    return count;
}

}  // namespace billhook::flow
