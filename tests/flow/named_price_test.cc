#include "flow/projector/event_handlers.h"
#include "store/catalog_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::named_price_test {
namespace {

FLOW_SUITE(NamedPrice);

// The catalog may name a price of Stripe's by its id; such a price need not bear the catalog's lookup key.
TEST_P(NamedPrice, KeepsItsMeaningWhenStripeTellsOfIt) {
    auto const offered = world->prices->find_offer("pro", IntervalUnit::month, "eur");
    ASSERT_TRUE(offered);
    auto const id = offered->stripe_price_id;
    auto changed = *world->catalog;
    changed.plans.at("pro").prices.at(0).stripe_price_id = id;
    changed.plans.at("pro").prices.at(0).lookup_key = "our_own_word";
    world->catalog = std::make_shared<catalog::Catalog>(changed);

    world->at_stripe("POST", "/v1/prices/" + id, "nickname=Pro");
    world->deliver();
    auto const rows = world->store->read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::list_catalog_prices_of_stripe_price(reader, id);
    });
    ASSERT_TRUE(is_ok(rows));
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_TRUE(rows->at(0).is_active);
    EXPECT_EQ(rows->at(0).lookup_key, "our_own_word");
    EXPECT_EQ(rows->at(0).plan, "pro");
}

}  // namespace
}  // namespace billhook::flow::named_price_test
