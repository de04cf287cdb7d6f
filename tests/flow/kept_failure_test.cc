// Stripe keeps the first answer of an idempotency key for a day, a 500 too, whether or not it did what was asked. The
// customer's wish must not wait for that day to pass, and nothing may be done twice.

#include <functional>
#include <utility>

#include "flow/command/cancel_subscription.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::kept_failure_test {
namespace {

FLOW_SUITE(KeptFailureFlow);

using subscription::CancelAt;
using subscription::Refund;

Asker const asker{CustomerId("acme"), "customer:acme"};
Asker const operator_ann{CustomerId("acme"), "operator:ann", true};

// The work was done, or none of it.
char const* const faults[] = {"error_answer", "kept_error"};

/// The next request of the operation meets the fault; its key repeats the 500 from then on.
void fail_once(FlowWorld& world, std::string const& operation, std::string const& fault) {
    JsonObject const rule{{"operation", operation}, {"fault", fault}, {"times", 1}};
    world.stripe_sandbox->handle(
        {.method = "POST", .target = "/_sandbox/faults", .body = to_text(JsonObject{{"requests", JsonArray{rule}}})});
}

std::string stripe_id(FlowWorld& world) {
    return world.view("acme").subscription.value().stripe_subscription_id;
}

void attach_schedule(FlowWorld& world) {
    world.subscribe("acme", "pro");
    world.at_stripe("POST", "/v1/subscription_schedules", "from_subscription=" + stripe_id(world));
    world.deliver();
}

void schedule_downgrade(FlowWorld& world) {
    world.subscribe("acme", "pro");
    ASSERT_TRUE(is_ok(change_plan(*world.commands, world.changing("acme", "starter"))));
    world.deliver();
}

void pause(FlowWorld& world) {
    world.subscribe("acme", "pro");
    world.at_stripe("POST", "/v1/subscriptions/" + stripe_id(world) + "/pause", "type=subscription");
    world.deliver();
}

void leave(FlowWorld& world) {
    world.subscribe("acme", "pro");
    ASSERT_TRUE(is_ok(cancel_subscription(*world.commands, {asker, "tier", {}})));
    world.deliver();
}

std::string reason_of_change(FlowWorld& world, std::string const& plan) {
    return reason_of(change_plan(*world.commands, world.changing("acme", plan)));
}

std::string reason_of_cancel(FlowWorld& world) {
    return reason_of(cancel_subscription(*world.commands, {asker, "tier", {}}));
}

std::string reason_of_resume(FlowWorld& world) {
    return reason_of(resume_subscription(*world.commands, asker, "tier"));
}

struct Case {
    char const* name;
    std::function<void(FlowWorld&)> arrange;
    char const* operation;
    std::function<std::string(FlowWorld&)> wish;  // the reason why it was not done at once
    char const* outcome;
    std::size_t invoices;
};

TEST_P(KeptFailureFlow, KeepsNoWishWaiting) {
    Case const cases[] = {
        {"release before cancel", attach_schedule, "POST /v1/subscription_schedules/", reason_of_cancel,
         "pro active leaving", 1},
        {"cancel", [](FlowWorld& world) { world.subscribe("acme", "pro"); }, "POST /v1/subscriptions/",
         reason_of_cancel, "pro active leaving", 1},
        {"resume", leave, "POST /v1/subscriptions/", reason_of_resume, "pro active", 1},
        {"resume paused", pause, "POST /v1/subscriptions/", reason_of_resume, "pro active", 2},
        {"upgrade", [](FlowWorld& world) { world.subscribe("acme", "starter"); }, "POST /v1/subscriptions/",
         [](FlowWorld& world) { return reason_of_change(world, "pro"); }, "pro active", 2},
        {"attach a schedule", [](FlowWorld& world) { world.subscribe("acme", "pro"); },
         "POST /v1/subscription_schedules", [](FlowWorld& world) { return reason_of_change(world, "starter"); },
         "pro active next=starter", 1},
        {"plan phases", [](FlowWorld& world) { world.subscribe("acme", "pro"); }, "POST /v1/subscription_schedules/",
         [](FlowWorld& world) { return reason_of_change(world, "starter"); }, "pro active next=starter", 1},
        {"withdraw", schedule_downgrade, "POST /v1/subscription_schedules/",
         [](FlowWorld& world) { return reason_of(withdraw_change(*world.commands, asker, "tier")); }, "pro active", 1},
    };
    for (auto const& c : cases)
        for (auto const* fault : faults) {
            SCOPED_TRACE(std::string(c.name) + " " + fault);
            world = std::make_unique<FlowWorld>(GetParam());
            c.arrange(*world);
            fail_once(*world, c.operation, fault);
            EXPECT_EQ(c.wish(*world), "stripe_failed");
            world->advance(Duration::seconds(2));
            EXPECT_EQ(world->run_outbox(), 1) << "done with the first repetition";
            EXPECT_EQ(world->show("acme"), c.outcome);
            EXPECT_EQ(world->count_at_stripe("acme", "invoices"), c.invoices);
            EXPECT_TRUE(world->database->run("SELECT id FROM outbox_message WHERE status <> 'done'").empty());
        }
}

TEST_P(KeptFailureFlow, OpensOnePaymentPage) {
    for (auto const* fault : faults) {
        SCOPED_TRACE(fault);
        world = std::make_unique<FlowWorld>(GetParam());
        world->add_customer("acme");
        fail_once(*world, "POST /v1/checkout/sessions", fault);
        EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", "pro"))), "stripe_failed");
        auto const page = purchase(*world->commands, world->buying("acme", "pro"));
        ASSERT_TRUE(is_ok(page));
        EXPECT_EQ(world->count_at_stripe("acme", "checkout/sessions"), 1u);
        EXPECT_EQ(world->pay(page->url), 303);
        world->deliver();
        EXPECT_EQ(world->show("acme"), "pro active");
    }
}

TEST_P(KeptFailureFlow, BeginsOneTrial) {
    for (auto const* fault : faults) {
        SCOPED_TRACE(fault);
        world = std::make_unique<FlowWorld>(GetParam());
        world->add_customer("acme");
        fail_once(*world, "POST /v1/subscriptions", fault);
        EXPECT_EQ(reason_of(start_trial(*world->commands, world->buying("acme", "ai_basic"))), "stripe_failed");
        EXPECT_TRUE(is_ok(start_trial(*world->commands, world->buying("acme", "ai_basic"))));
        EXPECT_EQ(world->show("acme", "ai"), "ai_basic trialing");
        EXPECT_EQ(world->count_at_stripe("acme", "subscriptions?status=all"), 1u);
    }
}

TEST_P(KeptFailureFlow, MakesOnePayer) {
    CustomerId const acme("acme");
    for (auto const* fault : faults) {
        SCOPED_TRACE(fault);
        world = std::make_unique<FlowWorld>(GetParam());
        world->add_customer("acme");
        // Another's request fails after our search: as at Stripe, where the search lags behind.
        bool is_first = true;
        world->transport->choose([&](net::HttpRequest const& request) {
            bool const is_making = request.method == "POST" && request.target.ends_with("/v1/customers");
            if (is_making && std::exchange(is_first, false)) {
                fail_once(*world, "POST /v1/customers", fault);
                EXPECT_EQ(reason_of(ensure_stripe_customer(*world->commands, acme)), "stripe_failed");
            }
            return FaultyTransport::Fault::none;
        });
        EXPECT_TRUE(is_ok(ensure_stripe_customer(*world->commands, acme)));
        EXPECT_FALSE(is_first);
        EXPECT_EQ(world->at_stripe("GET", "/v1/customers").at("data").as_array().size(), 1u);
    }
}

TEST_P(KeptFailureFlow, GivesMoneyBackOnce) {
    for (auto const* fault : faults)
        for (auto const refund : {Refund::full, Refund::prorated}) {
            SCOPED_TRACE(fault);
            world = std::make_unique<FlowWorld>(GetParam());
            world->subscribe("acme", "pro");
            world->advance(Duration::days(20));
            fail_once(*world, "POST /v1/refunds", fault);
            EXPECT_EQ(reason_of(cancel_subscription(*world->commands, {operator_ann, "tier", {CancelAt::now, refund}})),
                      "stripe_failed");
            world->advance(Duration::seconds(2));
            EXPECT_EQ(world->run_outbox(), 1);
            EXPECT_EQ(world->show("acme"), "pro canceled");
            auto const refunds = world->at_stripe("GET", "/v1/refunds").at("data").as_array();
            ASSERT_EQ(refunds.size(), 1u);
            // Of a month of 31 days for 30.00 twenty are used.
            EXPECT_NEAR(int_or(refunds[0], "amount"), refund == Refund::full ? 3000 : 1065, 5);
        }
}

TEST_P(KeptFailureFlow, LeavesNothingInTheWayOfAnotherWish) {
    for (auto const* fault : faults) {
        SCOPED_TRACE(fault);
        world = std::make_unique<FlowWorld>(GetParam());
        world->add_customer("acme");
        ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying("acme", "pro"))));
        fail_once(*world, "POST /v1/checkout/sessions", fault);
        EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", "max"))), "stripe_failed");
        auto const page = purchase(*world->commands, world->buying("acme", "max"));
        ASSERT_TRUE(is_ok(page));
        EXPECT_EQ(world->count_at_stripe("acme", "checkout/sessions",
                                         [](Json const& each) { return string_or(each, "status") == "open"; }),
                  1u);
    }
}

TEST_P(KeptFailureFlow, LeavesNoUnpaidChangeInTheWay) {
    for (auto const* fault : faults) {
        SCOPED_TRACE(fault);
        world = std::make_unique<FlowWorld>(GetParam());
        world->subscribe("acme", "starter");
        world->set_card("acme", "pm_card_chargeCustomerFail");
        EXPECT_FALSE(change_plan(*world->commands, world->changing("acme", "pro")));
        fail_once(*world, "POST /v1/invoices/", fault);
        EXPECT_EQ(reason_of_cancel(*world), "stripe_failed");
        EXPECT_EQ(reason_of_cancel(*world), "");
        EXPECT_EQ(world->show("acme"), "starter active leaving");
        EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:superseded(withdrawn) cancel:confirmed");
    }
}

}  // namespace
}  // namespace billhook::flow::kept_failure_test
