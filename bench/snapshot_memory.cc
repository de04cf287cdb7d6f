// What a customer costs in memory: one million in the table that answers the check, beside the rights that they share.
// bench_snapshot_memory [customers]

#include <jemalloc/jemalloc.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "domain/catalog/parse.h"
#include "domain/catalog/sample.h"
#include "flow/entitlement/rights_shelf.h"
#include "flow/entitlement/snapshot_table.h"

namespace billhook::bench {
namespace {

constexpr double bytes_max = 100;

double allocated_bytes() {
    std::uint64_t epoch = 1;
    std::size_t allocated = 0, size = sizeof allocated;
    // Figures are those of the last epoch that was begun.
    if (mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch) != 0 ||
        mallctl("stats.allocated", &allocated, &size, nullptr, 0) != 0)
        throw std::runtime_error("the allocator keeps no statistics");
    return static_cast<double>(allocated);
}

/// Every second customer holds one plan, every tenth two, the others none.
entitlement::Snapshot snapshot_of(int n, flow::RightsShelf& shelf,
                                  std::shared_ptr<catalog::Catalog const> const& catalog) {
    static constexpr char const* plans[] = {"starter", "professional", "enterprise"};
    entitlement::PlansHeld held;
    if (n % 2 == 0) held["tier"] = {plans[n % 3], subscription::Status::active, entitlement::Access::full, "active"};
    if (n % 10 == 0) held["ai"] = {"ai_basic", subscription::Status::trialing, entitlement::Access::full, "trial"};
    std::vector<Timestamp> const ends(held.size(), Timestamp{1'790'000'000'000 + n});
    return {shelf.find_or_derive(held, catalog), ends, Timestamp{1'789'000'000'000}, std::nullopt};
}

int run(int customers) {
    auto parsed = catalog::parse_catalog(catalog::sample_source(), {});
    if (!parsed) return 2;
    auto const catalog = std::make_shared<catalog::Catalog const>(std::move(*parsed));
    flow::RightsShelf shelf;
    for (int n = 0; n < 60; ++n) (void)snapshot_of(n, shelf, catalog);
    double const before = allocated_bytes();
    flow::SnapshotTable table;
    for (int n = 0; n < customers; ++n)
        table.put(CustomerId{"customer_" + std::to_string(n)}, snapshot_of(n, shelf, catalog), 1);
    double const each = (allocated_bytes() - before) / customers;
    bool const is_held = each <= bytes_max && table.size() == static_cast<std::size_t>(customers);
    std::printf("%s  %d customers at %.1f bytes each, at most %.0f\n", is_held ? "held  " : "MISSED", customers, each,
                bytes_max);
    return is_held ? 0 : 1;
}

}  // namespace
}  // namespace billhook::bench

int main(int argc, char** argv) {
    return billhook::bench::run(argc > 1 ? std::atoi(argv[1]) : 1'000'000);
}
