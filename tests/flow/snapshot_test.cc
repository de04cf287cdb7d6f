// Snapshots in memory: what a starting process loads of all is what it would load of each.

#include "flow/entitlement/snapshot_keeper.h"
#include "store/customer_store.h"
#include "store/gauge_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::snapshot_test {
namespace {

FLOW_SUITE(SnapshotFlow);

TEST_P(SnapshotFlow, AllThatAStartingProcessLoadsIsWhatItWouldLoadOfEach) {
    world->subscribe("acme", "pro");
    world->add_customer("free");
    auto const gauge = world->store->write_value(store::Scope::customer(CustomerId("free")), [](store::Writer& writer) {
        return store::allocate_gauge(writer, {.customer = CustomerId("free"), .feature = "clients", .amount = 3}, {});
    });
    ASSERT_TRUE(is_ok(gauge));
    auto const catalog = [this] { return world->catalog; };
    SnapshotTable table, table_of_each;
    SnapshotKeeper starting(*world->store, world->clock, catalog, table);
    SnapshotKeeper lazy(*world->store, world->clock, catalog, table_of_each);
    EXPECT_FALSE(starting.find(CustomerId("acme")));
    ASSERT_TRUE(is_ok(starting.load_all()));
    EXPECT_EQ(table.size(), 2u);
    for (auto const* id : {"acme", "free"}) {
        auto const found = starting.find(CustomerId(id));
        auto const expected = lazy.load(CustomerId(id));
        ASSERT_TRUE(found && is_ok(expected)) << id;
        EXPECT_EQ(*found->rights, *expected->rights) << id;
        EXPECT_EQ(found->ends, expected->ends) << id;
    }
    EXPECT_TRUE(starting.find(CustomerId("acme"))->rights->lines.contains("tier"));
    EXPECT_EQ(starting.find(CustomerId("free"))->used_of("clients"), 3);
    EXPECT_FALSE(starting.find(CustomerId("nobody")));
}

}  // namespace
}  // namespace billhook::flow::snapshot_test
