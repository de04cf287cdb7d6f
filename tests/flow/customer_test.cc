#include <thread>

#include "store/customer_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::customer_test {
namespace {

FLOW_SUITE(CustomerFlow);

CustomerId const acme("acme");

TEST_P(CustomerFlow, PutCreatesThenUpdatesAndStripeHearsOfItOnlyWhenItKnowsTheCustomer) {
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "Acme"})));
    EXPECT_TRUE(world->transport->take_writes().empty());
    auto record = ensure_stripe_customer(*world->commands, acme);
    ASSERT_TRUE(is_ok(record));
    auto const at_stripe = world->at_stripe("GET", "/v1/customers/" + record->stripe_customer_id);
    EXPECT_EQ(string_or(at_stripe, "name"), "Acme");
    EXPECT_EQ(string_or(at_stripe, "metadata.billhook_customer"), "acme");
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "Acme Ltd"})));
    EXPECT_EQ(string_or(world->at_stripe("GET", "/v1/customers/" + record->stripe_customer_id), "name"), "Acme Ltd");
    world->transport->take_writes();
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "Acme Ltd"})));
    EXPECT_TRUE(world->transport->take_writes().empty()) << "what is already so is not sent";
}

TEST_P(CustomerFlow, NameAndBackToTheFirstNameReachesStripe) {
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "A"})));
    auto record = ensure_stripe_customer(*world->commands, acme);
    ASSERT_TRUE(is_ok(record));
    for (auto const* name : {"B", "A", "B", "A"}) {
        world->advance(Duration::milliseconds(2));
        ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = name})));
        EXPECT_EQ(string_or(world->at_stripe("GET", "/v1/customers/" + record->stripe_customer_id), "name"), name);
    }
}

TEST_P(CustomerFlow, WhatStripeDidNotHearIsToldByTheOutbox) {
    world->add_customer("acme");
    auto record = ensure_stripe_customer(*world->commands, acme);
    ASSERT_TRUE(is_ok(record));
    world->transport->choose([](auto const&) { return FaultyTransport::Fault::lost_before; });
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "New name"})));
    world->transport->choose({});
    EXPECT_EQ(world->run_outbox(), 0) << "the command still holds its message";
    world->advance(Duration::minutes(5));
    EXPECT_EQ(world->run_outbox(), 1);
    EXPECT_EQ(string_or(world->at_stripe("GET", "/v1/customers/" + record->stripe_customer_id), "name"), "New name");
}

// Under an idempotency key Stripe would repeat its first answer, an error, for a day.
TEST_P(CustomerFlow, WhatStripeAnsweredWithAnErrorIsToldAgain) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(ensure_stripe_customer(*world->commands, acme)));
    auto const fail_next = [&](int times) {
        JsonObject const rule{{"fault", "error_answer"}, {"times", times}};
        world->stripe_sandbox->handle({.method = "POST",
                                       .target = "/_sandbox/faults",
                                       .body = to_text(JsonObject{{"requests", JsonArray{rule}}})});
    };
    fail_next(100);
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "New name"})));
    fail_next(0);
    auto const unfinished = [&] {
        return world->database->run("SELECT id FROM outbox_message WHERE status <> 'done'").size();
    };
    EXPECT_EQ(unfinished(), 1u);
    world->advance(Duration::minutes(5));
    EXPECT_EQ(world->run_outbox(), 1);
    EXPECT_EQ(unfinished(), 0u);
}

TEST_P(CustomerFlow, ManyAtOnceMakeOneStripeCustomer) {
    world->add_customer("acme");
    std::vector<std::string> ids(8);
    std::vector<std::thread> threads;
    for (auto& id : ids)
        threads.emplace_back([&] { id = ensure_stripe_customer(*world->commands, acme).value().stripe_customer_id; });
    for (auto& thread : threads) thread.join();
    for (auto const& id : ids) EXPECT_EQ(id, ids.front());
    EXPECT_EQ(world->at_stripe("GET", "/v1/customers").at("data").as_array().size(), 1u);
}

TEST_P(CustomerFlow, OneThatBearsOurIdIsFound) {
    auto const made = world->at_stripe("POST", "/v1/customers", "metadata[billhook_customer]=acme&name=Imported");
    world->add_customer("acme");
    auto record = ensure_stripe_customer(*world->commands, acme);
    ASSERT_TRUE(is_ok(record));
    EXPECT_EQ(record->stripe_customer_id, string_or(made, "id"));
}

TEST_P(CustomerFlow, OneThatAnEventMakesKnownHearsOurName) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "Acme", .email = "a@acme.test"})));
    auto const made = world->at_stripe("POST", "/v1/customers", "metadata[billhook_customer]=acme");
    world->deliver();
    world->advance(Duration::minutes(5));
    EXPECT_EQ(world->run_outbox(), 1);
    auto const told = world->at_stripe("GET", "/v1/customers/" + string_or(made, "id"));
    EXPECT_EQ(string_or(told, "name") + " " + string_or(told, "email"), "Acme a@acme.test");
}

TEST_P(CustomerFlow, DeathAfterTheCallMakesNoSecondCustomer) {
    world->add_customer("acme");
    world->transport->choose([](net::HttpRequest const& request) {
        return request.method == "POST" ? FaultyTransport::Fault::death_after : FaultyTransport::Fault::none;
    });
    EXPECT_THROW((void)ensure_stripe_customer(*world->commands, acme), Death);
    world->transport->choose({});
    ASSERT_TRUE(is_ok(ensure_stripe_customer(*world->commands, acme)));
    EXPECT_EQ(world->at_stripe("GET", "/v1/customers").at("data").as_array().size(), 1u);
}

TEST_P(CustomerFlow, UnknownCustomersAreNotFound) {
    EXPECT_EQ(reason_of(ensure_stripe_customer(*world->commands, CustomerId("nobody"))), "unknown_customer");
    EXPECT_EQ(reason_of(refresh_customer(*world->commands, CustomerId("nobody"))), "unknown_customer");
    EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("nobody", "pro"))), "unknown_customer");
}

TEST_P(CustomerFlow, TheCurrencyIsFixedOnceStripeKnowsTheCustomer) {
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .currency = "usd"})));
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .currency = "eur"})));
    ASSERT_TRUE(is_ok(ensure_stripe_customer(*world->commands, acme)));
    EXPECT_EQ(reason_of(put_customer(*world->commands, {.customer = acme, .currency = "usd"})), "currency_fixed");
    auto request = world->buying("acme", "pro");
    request.currency = "usd";
    EXPECT_EQ(reason_of(purchase(*world->commands, request)), "currency_fixed");
}

TEST_P(CustomerFlow, DeletedAtStripeMeansNoStripeCustomerAnyMore) {
    world->add_customer("acme");
    auto record = ensure_stripe_customer(*world->commands, acme);
    ASSERT_TRUE(is_ok(record));
    world->deliver();
    world->at_stripe("DELETE", "/v1/customers/" + record->stripe_customer_id);
    world->deliver();
    auto after = world->store->read_value(store::Scope::customer(acme),
                                          [](store::Reader& reader) { return store::find_customer(reader, acme); });
    EXPECT_EQ(after.value()->stripe_customer_id, "");
}

}  // namespace
}  // namespace billhook::flow::customer_test
