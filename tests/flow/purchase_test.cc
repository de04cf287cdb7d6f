#include "tests/flow/flow_world.h"

namespace billhook::flow::purchase_test {
namespace {

FLOW_SUITE(PurchaseFlow);

using Fault = FaultyTransport::Fault;

std::string status_of(Json const& tree) {
    return string_or(tree, "status");
}

TEST_P(PurchaseFlow, BuysThroughTheHostedPage) {
    world->add_customer("acme");
    auto checkout = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_TRUE(is_ok(checkout));
    EXPECT_FALSE(checkout->url.empty());
    EXPECT_EQ(world->show("acme"), "free pending=purchase") << "nothing is granted before Stripe has said so";
    ASSERT_EQ(world->pay(checkout->url), 303);
    EXPECT_EQ(world->show("acme"), "free pending=purchase");
    EXPECT_GT(world->deliver(), 0);
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed");
    EXPECT_EQ(world->history("acme"), " free -> pro active");
    auto const record = *world->view("acme").subscription;
    EXPECT_EQ(record.items.size(), 1u);
    EXPECT_EQ(record.plan_item_id, record.items.front().stripe_item_id);
    EXPECT_GT(record.current_period.end, world->clock.now() + Duration::days(27));
}

TEST_P(PurchaseFlow, ADeclinedCardLeavesThePageOpenAndTheLineFree) {
    world->add_customer("acme");
    auto checkout = purchase(*world->commands, world->buying("acme", "pro"));
    EXPECT_EQ(world->pay(checkout->url, "4000000000000002"), 200);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "free pending=purchase");
    EXPECT_EQ(world->pay(checkout->url), 303);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
}

TEST_P(PurchaseFlow, ASecondClickGetsTheSamePage) {
    world->add_customer("acme");
    auto first = purchase(*world->commands, world->buying("acme", "pro"));
    auto second = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_TRUE(is_ok(second));
    EXPECT_EQ(first->stripe_session_id, second->stripe_session_id);
    EXPECT_EQ(world->count_at_stripe("acme", "checkout/sessions"), 1u);
}

TEST_P(PurchaseFlow, ANewAttemptExpiresTheOld) {
    world->add_customer("acme");
    auto first = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_TRUE(is_ok(first));
    auto attempts = {world->buying("acme", "starter"), world->buying("acme", "starter", IntervalUnit::year)};
    for (auto const& attempt : attempts) {
        auto next = purchase(*world->commands, attempt);
        ASSERT_TRUE(is_ok(next));
        EXPECT_NE(first->stripe_session_id, next->stripe_session_id);
    }
    auto open = [](Json const& session) { return status_of(session) == "open"; };
    EXPECT_EQ(world->count_at_stripe("acme", "checkout/sessions"), 3u);
    EXPECT_EQ(world->count_at_stripe("acme", "checkout/sessions", open), 1u);
    EXPECT_EQ(world->pay(first->url), 410);
    EXPECT_EQ(world->intents("acme"), "purchase:superseded(replaced) purchase:superseded(replaced) purchase:pending");
    world->deliver();
    EXPECT_EQ(world->intents("acme"), "purchase:superseded(replaced) purchase:superseded(replaced) purchase:pending");
}

TEST_P(PurchaseFlow, AnAttemptWithItsOwnKeyIsAnother) {
    world->add_customer("acme");
    auto request = world->buying("acme", "pro");
    auto first = purchase(*world->commands, request);
    request.is_separate_attempt = true;
    auto second = purchase(*world->commands, request);
    ASSERT_TRUE(is_ok(second));
    EXPECT_NE(first->stripe_session_id, second->stripe_session_id);
    EXPECT_EQ(world->pay(first->url), 410);
}

TEST_P(PurchaseFlow, AHeldLineIsRefusedBeforeMoneyMoves) {
    world->subscribe("acme", "pro");
    world->transport->take_writes();
    for (auto const* plan : {"pro", "starter", "max"})
        EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", plan))), "line_already_held") << plan;
    EXPECT_TRUE(world->transport->take_writes().empty());
}

TEST_P(PurchaseFlow, ACheckoutThatWasCompletedMeanwhileHoldsTheLine) {
    world->add_customer("acme");
    auto first = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_EQ(world->pay(first->url), 303);
    // No webhook has come yet.
    EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", "starter"))), "line_already_held");
    EXPECT_EQ(world->show("acme"), "pro active") << "what the attempt learnt is written down";
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->count_at_stripe("acme", "subscriptions?status=all"), 1u);
}

// After a restored database, or a subscription made by hand whose news was lost: Stripe knows what we do not.
TEST_P(PurchaseFlow, WhatACustomerFoundAtStripeHoldsThereIsFoundToo) {
    world->add_customer("acme");
    auto const payer = world->at_stripe("POST", "/v1/customers", "metadata[billhook_customer]=acme");
    auto const price = world->prices->find_offer("pro", IntervalUnit::month, "eur")->stripe_price_id;
    world->at_stripe("POST", "/v1/subscriptions",
                     "collection_method=send_invoice&days_until_due=7&customer=" + string_or(payer, "id") +
                         "&items[0][price]=" + price);
    EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", "starter"))), "line_already_held");
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->count_at_stripe("acme", "subscriptions?status=all"), 1u);
    EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", "pro"))), "line_already_held");
    EXPECT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "ai_basic")))) << "another line is free";
}

TEST_P(PurchaseFlow, AnAbandonedCheckoutFreesTheWay) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "pro"))));
    world->advance(Duration::hours(25));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "free");
    EXPECT_EQ(world->intents("acme"), "purchase:refused(checkout_expired)");
    ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "pro"))));
}

TEST_P(PurchaseFlow, LinesAreBoughtBesideEachOther) {
    world->subscribe("acme", "pro");
    world->subscribe("acme", "ai_plus");
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->show("acme", "ai"), "ai_plus active");
    EXPECT_EQ(world->count_at_stripe("acme", "subscriptions"), 2u);
}

TEST_P(PurchaseFlow, ATrialWithoutACardStartsAtOnceAndEndsFree) {
    world->add_customer("acme");
    auto started = start_trial(*world->commands, world->buying("acme", "ai_basic"));
    ASSERT_TRUE(is_ok(started));
    EXPECT_EQ(world->show("acme", "ai"), "ai_basic trialing");
    EXPECT_EQ(*started->subscription->trial_end - started->subscription->created_at, Duration::days(14));
    world->deliver();
    world->advance(Duration::days(15));
    world->deliver();
    EXPECT_EQ(world->show("acme", "ai"), "ai_basic canceled");
    EXPECT_EQ(reason_of(start_trial(*world->commands, world->buying("acme", "ai_basic"))), "no_trial")
        << "one trial for each line";
    ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "ai_basic"))));
}

TEST_P(PurchaseFlow, ATrialThroughCheckoutAsksForNoCardWhereThePlanNeedsNone) {
    world->add_customer("acme");
    auto checkout = purchase(*world->commands, world->buying("acme", "ai_basic"));
    ASSERT_TRUE(is_ok(checkout));
    EXPECT_EQ(world->pay(checkout->url, ""), 303);
    world->deliver();
    EXPECT_EQ(world->show("acme", "ai"), "ai_basic trialing");
}

TEST_P(PurchaseFlow, ATrialStartedTwiceIsOne) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(start_trial(*world->commands, world->buying("acme", "ai_basic"))));
    ASSERT_TRUE(is_ok(start_trial(*world->commands, world->buying("acme", "ai_basic")))) << "the same click";
    world->advance(Duration::minutes(1));
    EXPECT_EQ(reason_of(start_trial(*world->commands, world->buying("acme", "ai_basic"))), "line_already_held");
    EXPECT_EQ(world->count_at_stripe("acme", "subscriptions?status=all"), 1u);
}

TEST_P(PurchaseFlow, RefusalsNameTheFieldAndLeaveNothing) {
    world->add_customer("acme");
    auto with = [&](auto change) {
        auto request = world->buying("acme", "pro");
        change(request);
        return reason_of(purchase(*world->commands, request));
    };
    EXPECT_EQ(with([](auto& r) { r.target.plan = "gold"; }), "unknown_plan");
    EXPECT_EQ(with([](auto& r) { r.target.quantity = 0; }), "invalid_value");
    EXPECT_EQ(with([](auto& r) { r.currency = "usd"; }), "no_such_price");
    EXPECT_EQ(with([](auto& r) { r.target.interval = IntervalUnit::day; }), "no_such_price");
    EXPECT_EQ(world->intents("acme"), "");
    EXPECT_TRUE(world->transport->take_writes().empty());
}

TEST_P(PurchaseFlow, DeathAtAnyCallIsFinishedByTheOutbox) {
    for (auto fault : {Fault::death_before, Fault::death_after})
        for (auto const* path : {"/v1/customers", "/v1/checkout/sessions"}) {
            auto const name = std::string(fault == Fault::death_before ? "before" : "after") +
                              (std::string(path) == "/v1/customers" ? "-customer" : "-session");
            world->add_customer(name);
            world->transport->choose([&](net::HttpRequest const& request) {
                return request.method == "POST" && request.target.ends_with(path) ? fault : Fault::none;
            });
            EXPECT_THROW((void)purchase(*world->commands, world->buying(name, "pro")), Death) << name;
            world->transport->choose({});
            EXPECT_EQ(world->show(name), "free pending=purchase") << name;
            EXPECT_EQ(world->run_outbox(), 0) << "the lease still runs";
            world->advance(Duration::minutes(5));
            EXPECT_GE(world->run_outbox(), 1) << name;
            EXPECT_EQ(world->count_at_stripe(name, "checkout/sessions"), 1u) << name;
            auto joined = purchase(*world->commands, world->buying(name, "pro"));
            ASSERT_TRUE(is_ok(joined)) << name;
            ASSERT_EQ(world->pay(joined->url), 303) << name;
            world->deliver();
            EXPECT_EQ(world->show(name), "pro active") << name;
        }
}

TEST_P(PurchaseFlow, ALostAnswerIsAskedForAgainUnderTheSameKey) {
    world->add_customer("acme");
    int lost = 0;
    world->transport->choose([&](net::HttpRequest const& request) {
        bool is_session = request.method == "POST" && request.target.ends_with("/v1/checkout/sessions");
        return is_session && lost++ < 2 ? Fault::lost_after : Fault::none;
    });
    ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "pro"))));
    EXPECT_EQ(world->count_at_stripe("acme", "checkout/sessions"), 1u);
}

TEST_P(PurchaseFlow, AnUnreachableStripeLeavesTheWishToTheOutbox) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(ensure_stripe_customer(*world->commands, CustomerId("acme"))));
    world->transport->choose([](auto const&) { return Fault::lost_before; });
    auto failed = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(world->show("acme"), "free pending=purchase");
    world->transport->choose({});
    world->advance(Duration::minutes(5));
    EXPECT_EQ(world->run_outbox(), 1);
    EXPECT_EQ(world->count_at_stripe("acme", "checkout/sessions"), 1u);
}

}  // namespace
}  // namespace billhook::flow::purchase_test
