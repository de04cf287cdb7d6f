// However the news of an intent is lost, it ends: by following it up, or by a refresh.

#include "flow/command/follow_up.h"

#include "tests/flow/flow_world.h"

namespace billhook::flow::follow_up_test {
namespace {

FLOW_SUITE(FollowUpFlow);

using Fault = FaultyTransport::Fault;

Progress follow_up(FlowWorld& world) {
    auto progress = FollowUp(*world.commands).run_once(world.clock.now());
    EXPECT_TRUE(is_ok(progress));
    return progress.value_or(Progress{});
}

/// Every event up to now is lost.
void lose_events(FlowWorld& world) {
    while (!world.take_events().empty()) {
    }
}

bool is_update(net::HttpRequest const& request) {
    return request.method == "POST" && request.target.find("/v1/subscriptions/") != std::string::npos;
}

void fail_to_pay(FlowWorld& world) {
    world.subscribe("acme", "starter");
    world.set_card("acme", "pm_card_chargeCustomerFail");
    auto refused = change_plan(*world.commands, world.changing("acme", "pro"));
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().kind, ErrorKind::payment_required);
}

TEST_P(FollowUpFlow, AnUnpaidUpgradeWhoseExpiryWasNeverHeardOfEnds) {
    fail_to_pay(*world);
    world->advance(Duration::hours(24));
    lose_events(*world);
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade");
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->show("acme"), "starter active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:refused(payment_not_made)");
    world->set_card("acme");
    EXPECT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro"))));
}

TEST_P(FollowUpFlow, AnUpgradeThatWasPaidLaterIsGranted) {
    fail_to_pay(*world);
    auto const again = change_plan(*world->commands, world->changing("acme", "pro"));
    EXPECT_EQ(world->pay(string_or(Json(again.error().extra), "action_url")), 200);
    lose_events(*world);
    EXPECT_EQ(follow_up(*world), Progress{}) << "a command has its time first";
    world->advance(Duration::minutes(6));
    lose_events(*world);
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->show("acme"), "pro active");
}

TEST_P(FollowUpFlow, APurchaseWhoseNewsWasLostIsGranted) {
    world->add_customer("acme");
    auto checkout = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_EQ(world->pay(checkout->url), 303);
    world->advance(Duration::minutes(6));
    lose_events(*world);
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed");
}

TEST_P(FollowUpFlow, APageThatWasLeftIsClosedInOurBooksToo) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "pro"))));
    world->advance(Duration::hours(25));
    lose_events(*world);
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->intents("acme"), "purchase:refused(checkout_expired)");
}

TEST_P(FollowUpFlow, ADeadMessageLeavesNoLineBlocked) {
    world->subscribe("acme", "starter");
    world->transport->choose(
        [](net::HttpRequest const& request) { return is_update(request) ? Fault::death_before : Fault::none; });
    EXPECT_THROW((void)change_plan(*world->commands, world->changing("acme", "pro")), Death);
    world->transport->choose({});
    world->database->run("UPDATE outbox_message SET status = 'dead', locked_until = NULL WHERE status = 'processing'");
    world->advance(Duration::minutes(6));
    EXPECT_EQ(world->run_outbox(), 0);
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade");
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->count_at_stripe("acme", "invoices"), 2u) << "charged once";
}

TEST_P(FollowUpFlow, WhatCouldNotBeDoneWithinADayIsGivenUpAndNotCharged) {
    world->subscribe("acme", "starter");
    world->transport->choose(
        [](net::HttpRequest const& request) { return is_update(request) ? Fault::lost_before : Fault::none; });
    EXPECT_FALSE(change_plan(*world->commands, world->changing("acme", "pro")));
    world->advance(Duration::minutes(6));
    EXPECT_EQ(follow_up(*world).failed, 1);
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade");
    world->transport->choose({});
    world->advance(Duration::hours(24));
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:refused(not_done_within_a_day)");
    EXPECT_EQ(world->count_at_stripe("acme", "invoices"), 1u);
    auto const told = world->database->run("SELECT customer_id FROM operator_notice WHERE kind = 'given_up_change'");
    EXPECT_EQ(told, (std::vector<std::vector<std::string>>{{"acme"}}));
}

TEST_P(FollowUpFlow, WhatNobodyCouldLookAtForADayIsNotGivenUp) {
    world->subscribe("acme", "starter");
    world->transport->choose(
        [](net::HttpRequest const& request) { return is_update(request) ? Fault::lost_after : Fault::lost_before; });
    EXPECT_FALSE(change_plan(*world->commands, world->changing("acme", "pro")));
    world->transport->choose(
        [](net::HttpRequest const& request) { return is_update(request) ? Fault::lost_after : Fault::none; });
    EXPECT_FALSE(change_plan(*world->commands, world->changing("acme", "pro")));
    world->transport->choose([](auto const&) { return Fault::lost_before; });
    world->advance(Duration::hours(24));
    EXPECT_EQ(follow_up(*world).failed, 1);
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade") << "Stripe may have done it, and has";
    world->transport->choose({});
    world->advance(Duration::hours(24));
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:confirmed");
}

TEST_P(FollowUpFlow, AScheduleThatNeverGotItsPhasesIsReleasedWhenItIsGivenUp) {
    world->subscribe("acme", "pro");
    world->transport->choose([](net::HttpRequest const& request) {
        return request.target.find("/v1/subscription_schedules/sub_sched") != std::string::npos ? Fault::lost_before
                                                                                                : Fault::none;
    });
    EXPECT_FALSE(change_plan(*world->commands, world->changing("acme", "starter")));
    world->transport->choose({});
    auto const attached = [&] {
        return string_or(find(world->at_stripe("GET", "/v1/subscriptions"), "data")->as_array().at(0), "schedule");
    };
    EXPECT_NE(attached(), "");
    world->advance(Duration::hours(24));
    EXPECT_EQ(follow_up(*world).done, 1);
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed schedule_change:refused(not_done_within_a_day)");
    EXPECT_EQ(attached(), "");
    EXPECT_EQ(world->show("acme"), "pro active");
}

TEST_P(FollowUpFlow, TheLooksGrowRarerAndEachTakesOne) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "pro"))));
    int looks = 0;
    world->transport->choose([&](net::HttpRequest const& request) {
        looks += request.method == "GET";
        return Fault::none;
    });
    for (int minute = 0; minute < 120; ++minute) {
        world->advance(Duration::minutes(1));
        follow_up(*world);
        follow_up(*world);
    }
    // At 5, 10, 20, 40 and 80 minutes.
    EXPECT_EQ(looks, 5);
    EXPECT_EQ(world->intents("acme"), "purchase:pending") << "the page is still open";
}

TEST_P(FollowUpFlow, ARefreshLooksAtWhatIsAwaited) {
    fail_to_pay(*world);
    world->add_customer("other");
    ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("other", "pro"))));
    world->advance(Duration::hours(25));
    lose_events(*world);
    for (auto const* name : {"acme", "other"}) EXPECT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId(name))));
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:refused(payment_not_made)");
    EXPECT_EQ(world->intents("other"), "purchase:refused(checkout_expired)");
}

}  // namespace
}  // namespace billhook::flow::follow_up_test
