// Two subscriptions of one line: only what Stripe says of both, read together, ends one of them.

#include "tests/flow/flow_world.h"

namespace billhook::flow::duplicate_test {
namespace {

FLOW_SUITE(Duplicate);

/// Made at Stripe past us; the customer has a card.
std::string subscribe_at_stripe(FlowWorld& world, std::string const& customer, std::string const& plan,
                                std::string const& behavior = "error_if_incomplete") {
    auto const payer = ensure_stripe_customer(*world.commands, CustomerId(customer))->stripe_customer_id;
    auto const price = world.prices->find_offer(plan, IntervalUnit::month, "eur")->stripe_price_id;
    auto const made =
        world.at_stripe("POST", "/v1/subscriptions",
                        "customer=" + payer + "&items[0][price]=" + price + "&payment_behavior=" + behavior);
    return string_or(made, "id");
}

void lose_events(FlowWorld& world) {
    while (!world.take_events().empty()) {
    }
}

void end_at_stripe(FlowWorld& world, std::string const& id) {
    world.at_stripe("DELETE", "/v1/subscriptions/" + id);
}

std::string status_at_stripe(FlowWorld& world, std::string const& id) {
    return string_or(world.at_stripe("GET", "/v1/subscriptions/" + id), "status");
}

std::string held(FlowWorld& world) {
    return world.view("acme").subscription->stripe_subscription_id;
}

std::int64_t refunded(FlowWorld& world) {
    std::int64_t sum = 0;
    world.count_at_stripe("acme", "charges", [&](Json const& charge) {
        sum += int_or(charge, "amount_refunded");
        return true;
    });
    return sum;
}

std::size_t notices(FlowWorld& world) {
    return world.database->run("SELECT id FROM operator_notice").size();
}

/// What is held is live at Stripe, the other has ended; nothing was paid back, nobody was told.
void expect_held_and_unharmed(FlowWorld& world, std::string const& id) {
    EXPECT_EQ(world.show("acme"), "max active");
    EXPECT_EQ(held(world), id);
    EXPECT_EQ(status_at_stripe(world, id), "active");
    EXPECT_EQ(refunded(world), 0);
}

/// Later news changes nothing more.
void expect_nothing_left(FlowWorld& world, std::string const& id) {
    world.deliver();
    EXPECT_EQ(world.run_outbox(), 0);
    expect_held_and_unharmed(world, id);
}

TEST_P(Duplicate, TheEndOfTheOldOneWasLostAndTheNewOneStays) {
    world->subscribe("acme", "pro");
    world->set_card("acme");
    end_at_stripe(*world, held(*world));
    lose_events(*world);
    world->advance(Duration::minutes(1));
    auto const second = subscribe_at_stripe(*world, "acme", "max");
    world->deliver();
    EXPECT_EQ(world->run_outbox(), 1) << "both are read, once";
    expect_held_and_unharmed(*world, second);
    EXPECT_EQ(notices(*world), 0u);
    EXPECT_EQ(world->history("acme"), " free -> pro active, pro active -> pro canceled,  free -> max active");
    expect_nothing_left(*world, second);
}

TEST_P(Duplicate, WhatWasGivenUpIsDueAgainWithTheNextNews) {
    world->subscribe("acme", "pro");
    world->set_card("acme");
    auto const first = held(*world);
    world->advance(Duration::minutes(1));
    auto const second = subscribe_at_stripe(*world, "acme", "max");
    world->deliver();
    world->database->run("UPDATE outbox_message SET status = 'dead' WHERE kind = 'end_duplicate_subscription'");
    EXPECT_EQ(world->run_outbox(), 0);
    world->advance(Duration::hours(3));
    world->at_stripe("POST", "/v1/subscriptions/" + second, "metadata[seen]=yes");
    world->deliver();
    EXPECT_EQ(world->run_outbox(), 1);
    EXPECT_EQ(status_at_stripe(*world, second), "canceled");
    EXPECT_EQ(held(*world), first);
}

TEST_P(Duplicate, ARefreshReadsTheOldOneFirst) {
    world->subscribe("acme", "pro");
    world->set_card("acme");
    end_at_stripe(*world, held(*world));
    world->advance(Duration::minutes(1));
    auto const second = subscribe_at_stripe(*world, "acme", "max");
    lose_events(*world);
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId("acme"))));
    expect_held_and_unharmed(*world, second);
    EXPECT_EQ(world->run_outbox(), 0) << "nobody took them for two of one line";
    EXPECT_EQ(notices(*world), 0u);
}

TEST_P(Duplicate, OneThatWasNeverPaidMakesRoomForTheOneThatWas) {
    world->add_customer("acme");
    world->set_card("acme");
    auto const first = subscribe_at_stripe(*world, "acme", "pro", "default_incomplete");
    world->deliver();
    ASSERT_EQ(world->show("acme"), "pro incomplete");
    world->advance(Duration::minutes(1));
    auto const second = subscribe_at_stripe(*world, "acme", "max");
    world->deliver();
    EXPECT_EQ(world->run_outbox(), 1);
    expect_held_and_unharmed(*world, second);
    EXPECT_EQ(status_at_stripe(*world, first), "canceled");
    EXPECT_EQ(notices(*world), 1u) << "one was cancelled";
    expect_nothing_left(*world, second);
}

TEST_P(Duplicate, OneThatStripeKnowsNoMoreHasEnded) {
    world->subscribe("acme", "pro");
    world->set_card("acme");
    auto const first = held(*world);
    end_at_stripe(*world, first);
    lose_events(*world);
    world->database->run("UPDATE subscription SET stripe_subscription_id = 'sub_elsewhere'");
    world->advance(Duration::minutes(1));
    auto const second = subscribe_at_stripe(*world, "acme", "max");
    world->deliver();
    EXPECT_EQ(world->run_outbox(), 1);
    expect_held_and_unharmed(*world, second);
    EXPECT_EQ(notices(*world), 0u);
    EXPECT_EQ(world->history("acme"), " free -> pro active, pro active -> pro canceled,  free -> max active");
}

TEST_P(Duplicate, BothAreLiveAndTheLaterEndsThoughItsEndWasCutShort) {
    using Fault = FaultyTransport::Fault;
    world->subscribe("acme", "pro");
    world->set_card("acme");
    auto const first = held(*world);
    world->advance(Duration::minutes(1));
    auto const second = subscribe_at_stripe(*world, "acme", "max");
    world->deliver();
    // It ends, and then the way to Stripe is lost before anything is paid back.
    world->transport->choose([](net::HttpRequest const& request) {
        return request.target.find("/v1/refunds") == std::string::npos ? Fault::none : Fault::lost_before;
    });
    EXPECT_EQ(world->run_outbox(), 1);
    EXPECT_EQ(status_at_stripe(*world, second), "canceled");
    EXPECT_EQ(refunded(*world), 0);
    world->transport->choose({});
    // Even where the other one ends before the next attempt, what was cancelled for its sake is paid back.
    end_at_stripe(*world, first);
    lose_events(*world);
    world->advance(Duration::minutes(2));
    EXPECT_EQ(world->run_outbox(), 1);
    EXPECT_EQ(refunded(*world), 9000);
    EXPECT_EQ(notices(*world), 1u);
    EXPECT_EQ(world->show("acme"), "max canceled");
}

// The purchase that led to the one too many is refused; of the one that stays it is confirmed.
TEST_P(Duplicate, ThePurchaseEndsAsItsSubscriptionDoes) {
    for (bool const is_first_live : {true, false}) {
        world = std::make_unique<FlowWorld>(GetParam());
        world->add_customer("acme");
        auto const checkout = purchase(*world->commands, world->buying("acme", "max"));
        ASSERT_TRUE(is_ok(checkout));
        world->set_card("acme");
        auto const first = subscribe_at_stripe(*world, "acme", "pro");
        world->deliver();
        ASSERT_EQ(world->show("acme"), "pro active pending=purchase");
        if (!is_first_live) end_at_stripe(*world, first);
        lose_events(*world);
        world->advance(Duration::minutes(1));
        ASSERT_EQ(world->pay(checkout->url), 303);
        world->deliver();
        EXPECT_EQ(world->run_outbox(), 1);
        EXPECT_EQ(world->intents("acme"), is_first_live ? "purchase:refused(line_already_held)" : "purchase:confirmed");
        EXPECT_EQ(world->show("acme"), is_first_live ? "pro active" : "max active");
        EXPECT_EQ(refunded(*world), is_first_live ? 9000 : 0);
    }
}

}  // namespace
}  // namespace billhook::flow::duplicate_test
