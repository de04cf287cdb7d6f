// Idempotency keys: the answer of a write that is one transaction is kept in it, so that neither is there without the
// other, wherever the process dies.

#include "flow/access/api_key.h"
#include "flow/command/idempotent_write.h"
#include "flow/entitlement/gauge.h"
#include "store/customer_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::idempotency_test {
namespace {

FLOW_SUITE(IdempotencyFlow);

store::IdempotencyRecord record_of(FlowWorld const& world, std::string const& customer) {
    auto const now = world.clock.now();
    return {.customer = CustomerId(customer),
            .caller = "key:key_1",
            .key = "k",
            .fingerprint = "abc",
            .running_until = now + Duration::minutes(2),
            .created_at = now,
            .expires_at = now + Duration::hours(24)};
}

/// What a caller is told that repeats its request: "" where the work is to be done.
std::string repeated(FlowWorld& world, store::IdempotencyRecord const& record) {
    auto const kept = claim_write(*world.store, record, world.clock.now());
    if (!kept) return kept.error().reason;
    return *kept ? std::to_string((*kept)->status) + " " + (*kept)->body : "";
}

std::int64_t used(FlowWorld& world) {
    auto const gauges = world.store->read_value(
        store::Scope::system(), [](store::Reader& reader) { return store::list_gauges(reader, CustomerId("acme")); });
    return gauges->empty() ? 0 : gauges->front().used;
}

KeptAnswer render_used(GaugeAnswer const& gauge) {
    return {200, std::to_string(gauge.used)};
}

TEST_P(IdempotencyFlow, AGaugeThatWasMovedHasItsAnswer) {
    world->subscribe("acme", "max");
    SnapshotTable table;
    SnapshotKeeper keeper(*world->store, world->clock, [this] { return world->catalog; }, table);
    auto const record = record_of(*world, "acme");
    ASSERT_EQ(repeated(*world, record), "");
    ClaimedWrite claim(record);
    auto const answer = allocate_gauge(keeper, *world->store, {CustomerId("acme"), "clients", "", 1},
                                       world->clock.now(), {claim, render_used});
    ASSERT_TRUE(is_ok(answer));
    EXPECT_TRUE(claim.is_kept());
    // The process dies here: nobody but the transaction has kept the answer.
    world->advance(Duration::minutes(3));
    EXPECT_EQ(repeated(*world, record_of(*world, "acme")), "200 1");
    EXPECT_EQ(used(*world), 1);
}

TEST_P(IdempotencyFlow, WhoseKeyWasTakenOverMovesNothing) {
    world->subscribe("acme", "max");
    SnapshotTable table;
    SnapshotKeeper keeper(*world->store, world->clock, [this] { return world->catalog; }, table);
    auto const record = record_of(*world, "acme");
    ASSERT_EQ(repeated(*world, record), "");
    world->advance(Duration::minutes(3));
    ASSERT_EQ(repeated(*world, record_of(*world, "acme")), "") << "it ran for too long, and is taken over";
    ClaimedWrite late(record);
    auto const answer = allocate_gauge(keeper, *world->store, {CustomerId("acme"), "clients", "", 1},
                                       world->clock.now(), {late, render_used});
    EXPECT_EQ(reason_of(answer), "claim_lost");
    EXPECT_FALSE(late.is_kept());
    EXPECT_EQ(used(*world), 0);
    EXPECT_EQ(keeper.find(CustomerId("acme"))->used_of("clients"), 0);
}

TEST_P(IdempotencyFlow, ACustomerAndAKeyAreKeptWithTheirAnswers) {
    for (auto const* bound_to : {"", "acme"}) {
        SCOPED_TRACE(bound_to);
        auto const record = record_of(*world, bound_to);
        ASSERT_EQ(repeated(*world, record), "");
        ClaimedWrite claim(record);
        auto const name_of = [](customer::Customer const& customer) { return KeptAnswer{200, customer.name}; };
        CustomerWish const wish{.customer = CustomerId("acme"), .name = "Acme", .email = {}, .currency = {}};
        ASSERT_TRUE(is_ok(put_customer(*world->commands, wish, {claim, name_of})));
        EXPECT_EQ(repeated(*world, record), "200 Acme");
    }
    auto record = record_of(*world, "");
    record.key = "another";
    ASSERT_EQ(repeated(*world, record), "");
    ClaimedWrite claim(record);
    NewKey const wish{.name = "checks", .scopes = {access::Scope::entitlement_check}, .customer = {}, .expires_at = {}};
    auto const id_of = [](MadeKey const& made) { return KeptAnswer{201, made.key.id}; };
    auto const made = create_api_key(*world->store, world->random, wish, world->clock.now(), {claim, id_of});
    ASSERT_TRUE(is_ok(made));
    EXPECT_EQ(repeated(*world, record), "201 " + made->key.id);
}

}  // namespace
}  // namespace billhook::flow::idempotency_test
