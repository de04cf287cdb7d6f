#include <thread>
#include <utility>

#include "flow/command/portal.h"
#include "flow/command/set_up_payment.h"
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

TEST_P(CustomerFlow, ANameThatIsOvertakenOnItsWayDoesNotStay) {
    world->add_customer("acme");
    auto const payer = ensure_stripe_customer(*world->commands, acme)->stripe_customer_id;
    bool is_first = true;
    world->transport->choose([&](net::HttpRequest const& request) {
        bool const is_told = request.method == "POST" && request.target.ends_with("/v1/customers/" + payer);
        if (is_told && std::exchange(is_first, false)) {
            EXPECT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "Newer"})));
        }
        return FaultyTransport::Fault::none;
    });
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "Older"})));
    EXPECT_EQ(string_or(world->at_stripe("GET", "/v1/customers/" + payer), "name"), "Newer");
}

TEST_P(CustomerFlow, OfTwoCardsTheLaterStaysThoughTheEarlierHadToWait) {
    world->subscribe("acme", "starter");
    auto const payer = ensure_stripe_customer(*world->commands, acme)->stripe_customer_id;
    auto const leave = [&](std::string const& card) {
        auto const page = set_up_payment(*world->commands, {{acme, "customer:acme"}, "", ""});
        ASSERT_TRUE(is_ok(page));
        ASSERT_EQ(world->pay(page->url, card), 303);
        world->advance(Duration::seconds(1));
        world->deliver();
    };
    leave("4242424242424242");
    world->transport->choose([](auto const&) { return FaultyTransport::Fault::lost_before; });
    EXPECT_EQ(world->run_outbox(), 1) << "it fails, and waits";
    world->transport->choose({});
    leave("5555555555554444");
    EXPECT_EQ(world->run_outbox(), 1);
    world->advance(Duration::minutes(2));
    EXPECT_EQ(world->run_outbox(), 1);
    auto const card =
        string_or(world->at_stripe("GET", "/v1/customers/" + payer), "invoice_settings.default_payment_method");
    EXPECT_EQ(string_or(world->at_stripe("GET", "/v1/payment_methods/" + card), "card.last4"), "4444");
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

/// What is kept of the customer was made with the key of another account or mode.
void keep_a_stranger(FlowWorld& world) {
    world.database->run("UPDATE customer SET stripe_customer_id = 'cus_ofAnotherAccount' WHERE customer_id = 'acme'");
}

/// The customer was deleted at Stripe, and nobody said so.
void delete_unheard(FlowWorld& world) {
    auto const payer = ensure_stripe_customer(*world.commands, acme)->stripe_customer_id;
    world.at_stripe("DELETE", "/v1/customers/" + payer);
    world.take_events();
}

TEST_P(CustomerFlow, OneThatIsGoneAtStripeStandsInNobodysWay) {
    auto const known = [&] { return ensure_stripe_customer(*world->commands, acme)->stripe_customer_id; };
    for (auto* lose : {keep_a_stranger, delete_unheard}) {
        world = std::make_unique<FlowWorld>(GetParam());
        world->add_customer("acme");
        auto const first = known();
        lose(*world);
        EXPECT_TRUE(is_ok(open_portal(*world->commands, {{acme, "customer:acme"}, "", "", ""})));
        // Its own comes back by our id in its metadata; one that was deleted has an heir.
        EXPECT_EQ(known() == first, lose == keep_a_stranger);
        lose(*world);
        EXPECT_TRUE(is_ok(set_up_payment(*world->commands, {{acme, "customer:acme"}, "", ""})));
        lose(*world);
        EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", "pro"))), "stripe_refused");
        world->subscribe("acme", "pro");
        EXPECT_EQ(world->show("acme"), "pro active") << "the refusal has shown what is gone";
    }
}

TEST_P(CustomerFlow, ARefreshOfWhoIsGoneReadsWhatIsKnown) {
    world->subscribe("acme", "pro");
    delete_unheard(*world);
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, acme)));
    EXPECT_EQ(world->show("acme"), "pro canceled");
    // With a mistaken key Stripe knows nothing of ours; that ends nobody's plan.
    world->subscribe("acme", "max");
    world->database->run("UPDATE subscription SET stripe_subscription_id = 'sub_ofAnotherAccount' WHERE plan = 'max'");
    keep_a_stranger(*world);
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, acme)));
    EXPECT_EQ(world->show("acme"), "max active");
}

TEST_P(CustomerFlow, WhomStripeKnowsNoMoreIsRefreshedAndRenamed) {
    world->add_customer("acme");
    auto const first = ensure_stripe_customer(*world->commands, acme)->stripe_customer_id;
    keep_a_stranger(*world);
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, acme)));
    EXPECT_EQ(world->database->run("SELECT stripe_customer_id FROM customer").front().front(), "");
    keep_a_stranger(*world);
    ASSERT_TRUE(is_ok(put_customer(*world->commands, {.customer = acme, .name = "Renamed"})));
    EXPECT_EQ(ensure_stripe_customer(*world->commands, acme)->stripe_customer_id, first);
    EXPECT_EQ(string_or(world->at_stripe("GET", "/v1/customers/" + first), "name"), "Renamed");
    EXPECT_EQ(world->run_outbox(), 0);
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
