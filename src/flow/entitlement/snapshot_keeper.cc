#include "flow/entitlement/snapshot_keeper.h"

#include "store/customer_store.h"
#include "store/gauge_store.h"
#include "store/setting_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {
namespace {

constexpr int customers_in_a_page = 5000;
// Longer than a database goes on with a commit whose connection was lost.
constexpr Duration doubt_lasts = Duration::minutes(1);

}  // namespace

entitlement::Snapshot SnapshotKeeper::snapshot_of(std::vector<subscription::Subscription> const& subscriptions) {
    auto const catalog = catalog_();
    Timestamp const now = clock_.now();
    auto holding = entitlement::hold_plans(subscriptions, entitlement::grace_policy(*catalog), now);
    return {rights_.find_or_derive(holding.lines, catalog), std::move(holding.period_ends), now, holding.valid_until};
}

Status SnapshotKeeper::refresh(store::Writer& writer, CustomerId const& customer) {
    std::int64_t const version = TRY(store::raise_entitlement_version(writer, customer));
    auto const subscriptions = TRY(store::list_subscriptions(writer, customer));
    writer.after_commit(
        [this, customer, snapshot = snapshot_of(subscriptions), version] { table_.put(customer, snapshot, version); });
    writer.when_unknown([this, customer] { doubt(customer); });
    return {};
}

void SnapshotKeeper::doubt(CustomerId const& customer) {
    table_.forget(customer);
    std::lock_guard const lock(doubts_mutex_);
    doubts_[customer] = clock_.now() + doubt_lasts;
}

Result<SnapshotTable::Entry> SnapshotKeeper::load(CustomerId const& customer) {
    TRY_VOID(store_.read(store::Scope::customer(customer), [&](store::Reader& reader) -> Status {
        if (!TRY(store::find_customer(reader, customer)))
            return fail(not_found("there is no customer '" + customer.str() + "'", "unknown_customer"));
        std::int64_t const version = TRY(store::find_entitlement_version(reader, customer));
        auto const subscriptions = TRY(store::list_subscriptions(reader, customer));
        table_.put(customer, snapshot_of(subscriptions), version);
        for (auto const& gauge : TRY(store::list_gauges(reader, customer)))
            table_.put_gauge(customer, gauge.feature, {gauge.used, gauge.version});
        return {};
    }));
    auto entry = table_.find(customer);
    if (!entry) return fail(unavailable("snapshot_missing", "the customer's entitlements could not be read"));
    return *entry;
}

Status SnapshotKeeper::load_all() {
    for (std::optional<CustomerId> last{CustomerId{}}; last;) {
        TRY_VOID(store_.read(store::Scope::system(), [&](store::Reader& reader) -> Status {
            last = TRY(load_page(reader, *last));
            return {};
        }));
    }
    return {};
}

Result<std::optional<CustomerId>> SnapshotKeeper::load_page(store::Reader& reader, CustomerId const& after) {
    auto const versions = TRY(store::list_entitlement_versions(reader, after, customers_in_a_page));
    if (versions.empty()) return std::nullopt;
    store::CustomerRange const range{after, versions.back().customer};
    auto const subscriptions = TRY(store::list_live_subscriptions_of(reader, range));
    auto next = subscriptions.begin();
    std::vector<subscription::Subscription> held;
    for (auto const& [customer, version] : versions) {
        held.clear();
        for (; next != subscriptions.end() && next->customer == customer; ++next) held.push_back(*next);
        table_.put(customer, snapshot_of(held), version);
    }
    for (auto const& gauge : TRY(store::list_gauges_of(reader, range)))
        table_.put_gauge(gauge.customer, gauge.feature, {gauge.used, gauge.version});
    return range.through;
}

std::optional<SnapshotTable::Entry> SnapshotKeeper::find(CustomerId const& customer) const {
    auto entry = table_.find(customer);
    if (entry && entry->valid_until && *entry->valid_until <= clock_.now()) return std::nullopt;
    return entry;
}

Status SnapshotKeeper::confirm() {
    Timestamp const now = clock_.now();
    TRY_VOID(store_.read(store::Scope::system(), [&](store::Reader& reader) -> Status {
        TRY(store::find_setting(reader, "entitlement_beat"));
        return {};
    }));
    {
        std::lock_guard const lock(doubts_mutex_);
        for (auto const& [customer, until] : doubts_) table_.forget(customer);
        std::erase_if(doubts_, [now](auto const& doubt) { return doubt.second <= now; });
    }
    table_.confirm(now);
    return {};
}

}  // namespace billhook::flow
