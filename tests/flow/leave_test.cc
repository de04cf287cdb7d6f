#include "flow/command/cancel_subscription.h"
#include "flow/command/portal.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::leave_test {
namespace {

FLOW_SUITE(LeaveFlow);

using subscription::CancelAt;
using subscription::Refund;

Asker const asker{CustomerId("acme"), "customer:acme"};
Asker const operator_ann{CustomerId("acme"), "operator:ann", true};

void pause_at_stripe(FlowWorld& world) {
    auto const id = world.view("acme").subscription.value().stripe_subscription_id;
    world.at_stripe("POST", "/v1/subscriptions/" + id + "/pause", "type=subscription");
    world.deliver();
}

// One that brings no change is nothing that a customer could withdraw, and Stripe lets nobody leave whom it leads.
TEST_P(LeaveFlow, AScheduleMadeAtStripeDoesNotKeepACustomer) {
    world->subscribe("acme", "pro");
    auto const id = world->view("acme").subscription->stripe_subscription_id;
    world->at_stripe("POST", "/v1/subscription_schedules", "from_subscription=" + id);
    world->deliver();
    ASSERT_NE(world->view("acme").subscription->stripe_schedule_id, "");
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {asker, "tier", {}})));
    EXPECT_EQ(world->show("acme"), "pro active leaving");
    EXPECT_EQ(world->view("acme").subscription->stripe_schedule_id, "");
    world->deliver();
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro canceled");
}

TEST_P(LeaveFlow, ACancellationKeepsWhatIsPaidAndCanBeTakenBack) {
    world->subscribe("acme", "pro");
    auto left = cancel_subscription(*world->commands, {asker, "tier", {}});
    ASSERT_TRUE(is_ok(left));
    EXPECT_EQ(world->show("acme"), "pro active leaving");
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {asker, "tier", {}}))) << "it is so already";
    ASSERT_TRUE(is_ok(resume_subscription(*world->commands, asker, "tier")));
    EXPECT_EQ(world->show("acme"), "pro active");
    ASSERT_TRUE(is_ok(resume_subscription(*world->commands, asker, "tier"))) << "it is so already";
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {asker, "tier", {}})));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active leaving");
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro canceled");
    EXPECT_EQ(reason_of(resume_subscription(*world->commands, asker, "tier")), "no_subscription");
    EXPECT_EQ(world->history("acme"), " free -> pro active, pro active -> pro canceled");
}

TEST_P(LeaveFlow, AResumptionThatIsNotPaidHasALinkThatFinishesIt) {
    world->subscribe("acme", "pro");
    pause_at_stripe(*world);
    EXPECT_EQ(world->show("acme"), "pro paused");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    auto const declined = resume_subscription(*world->commands, asker, "tier");
    ASSERT_FALSE(declined);
    EXPECT_EQ(declined.error().kind, ErrorKind::payment_required);
    auto const url = string_or(declined.error().extra, "action_url");
    ASSERT_FALSE(url.empty());
    EXPECT_EQ(world->show("acme"), "pro paused pending=resume");
    auto const again = resume_subscription(*world->commands, asker, "tier");
    ASSERT_FALSE(again);
    EXPECT_EQ(string_or(again.error().extra, "action_url"), url) << "the same wish has the same link";
    EXPECT_EQ(world->pay(url), 200);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed resume:confirmed");
}

TEST_P(LeaveFlow, AResumptionThatIsNeverPaidIsRefusedInTheEndOrGivenUpBefore) {
    world->subscribe("acme", "pro");
    pause_at_stripe(*world);
    world->set_card("acme", "pm_card_chargeCustomerFail");
    EXPECT_FALSE(resume_subscription(*world->commands, asker, "tier"));
    world->advance(Duration::hours(24));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro paused");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed resume:refused(payment_not_made)");
    EXPECT_FALSE(resume_subscription(*world->commands, asker, "tier"));
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {operator_ann, "tier", {CancelAt::now}})));
    EXPECT_EQ(world->show("acme"), "pro canceled");
}

TEST_P(LeaveFlow, OneLineEndsTheOtherGoesOn) {
    world->subscribe("acme", "pro");
    world->subscribe("acme", "ai_plus");
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {asker, "ai", {}})));
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme", "ai"), "ai_plus canceled");
    EXPECT_EQ(world->show("acme"), "pro active");
}

TEST_P(LeaveFlow, OnlyAnOperatorCancelsAtOnce) {
    world->subscribe("acme", "pro");
    EXPECT_EQ(reason_of(cancel_subscription(*world->commands, {asker, "tier", {CancelAt::now}})), "operator_only");
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {operator_ann, "tier", {CancelAt::now, {}, "fraud"}})));
    EXPECT_EQ(world->show("acme"), "pro canceled");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro canceled");
    EXPECT_EQ(world->database->run("SELECT cause FROM subscription_history WHERE to_status = 'canceled'").front()[0],
              "operator:ann");
}

std::int64_t refunded_to(FlowWorld& world, std::string const& customer) {
    std::int64_t refunded = 0;
    world.count_at_stripe(customer, "charges", [&](Json const& charge) {
        refunded += int_or(charge, "amount_refunded");
        return true;
    });
    return refunded;
}

TEST_P(LeaveFlow, MoneyIsGivenBackOnce) {
    struct Case {
        char const* customer;
        Refund refund;
        std::int64_t at_least, at_most;
    };
    for (auto const& c : {Case{"none", Refund::none, 0, 0}, Case{"full", Refund::full, 3000, 3000},
                          Case{"prorated", Refund::prorated, 1800, 2200}}) {
        world->subscribe(c.customer, "pro");
    }
    world->advance(Duration::days(10));
    for (auto const& c : {Case{"none", Refund::none, 0, 0}, Case{"full", Refund::full, 3000, 3000},
                          Case{"prorated", Refund::prorated, 1800, 2200}}) {
        Asker const ann{CustomerId(c.customer), "operator:ann", true};
        ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {ann, "tier", {CancelAt::now, c.refund}})));
        EXPECT_EQ(world->show(c.customer), "pro canceled");
        auto const refunded = refunded_to(*world, c.customer);
        EXPECT_GE(refunded, c.at_least) << c.customer;
        EXPECT_LE(refunded, c.at_most) << c.customer;
    }
}

// 31 days at 30.00, after ten of them 21 days more at 90.00 instead: 30.00 and 40.65 are paid, and 60.97 are not used,
// of which the last invoice brought 40.65.
TEST_P(LeaveFlow, AllInvoicesOfThePeriodAreGivenBack) {
    for (auto const* name : {"all", "unused"}) world->subscribe(name, "pro");
    world->advance(Duration::days(10));
    for (auto const* name : {"all", "unused"}) {
        ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing(name, "max"))));
        world->deliver();
        EXPECT_EQ(world->show(name), "max active");
        Asker const ann{CustomerId(name), "operator:ann", true};
        auto const refund = name == std::string("all") ? Refund::full : Refund::prorated;
        ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {ann, "tier", {CancelAt::now, refund}})));
        EXPECT_NEAR(static_cast<double>(refunded_to(*world, name)), refund == Refund::full ? 7065 : 6097, 3) << name;
    }
}

TEST_P(LeaveFlow, WhatWasPaidIsGivenBackAfterAnUpgradeThatWasNot) {
    world->subscribe("acme", "pro");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("acme", "max"))), "payment_failed");
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {operator_ann, "tier", {CancelAt::now, Refund::full}})));
    EXPECT_EQ(world->show("acme"), "pro canceled");
    EXPECT_EQ(refunded_to(*world, "acme"), 3000);
}

// The month before is used up.
TEST_P(LeaveFlow, EarlierPeriodsAreNotGivenBack) {
    world->subscribe("acme", "pro");
    world->advance(Duration::days(32));
    world->deliver();
    world->advance(Duration::hours(2));
    world->deliver();
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {operator_ann, "tier", {CancelAt::now, Refund::full}})));
    EXPECT_EQ(refunded_to(*world, "acme"), 3000);
}

TEST_P(LeaveFlow, ThePortalOpens) {
    world->subscribe("acme", "pro");
    auto url = open_portal(*world->commands, {asker, "https://app.example/back", "", ""});
    ASSERT_TRUE(is_ok(url));
    EXPECT_FALSE(url->empty());
    EXPECT_EQ(reason_of(open_portal(*world->commands, {asker, "", "subscription_cancel", "ai"})), "no_subscription");
}

}  // namespace
}  // namespace billhook::flow::leave_test
