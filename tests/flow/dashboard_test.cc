// What somebody does at Stripe's dashboard, past Billhook: after its news the state here is the state there. Each is a
// known failure of systems of this kind (mirrors that drift, customers that cannot buy again).

#include <algorithm>

#include "flow/command/cancel_subscription.h"
#include "store/invoice_store.h"
#include "store/subscription_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::dashboard_test {
namespace {

FLOW_SUITE(Dashboard);

subscription::Subscription held(FlowWorld& world, std::string const& line = "tier") {
    return world.view("acme", line).subscription.value();
}

std::string path_of(subscription::Subscription const& record) {
    return "/v1/subscriptions/" + record.stripe_subscription_id;
}

std::string price_of(FlowWorld& world, std::string const& plan) {
    return world.prices->find_offer(plan, IntervalUnit::month, "eur")->stripe_price_id;
}

std::string invoice_status(FlowWorld& world, std::string const& id) {
    CustomerId const acme("acme");
    auto found = world.store->read_value(store::Scope::customer(acme),
                                         [&](store::Reader& reader) { return store::find_invoice(reader, acme, id); });
    return found && *found ? invoice::to_string((*found)->status) : "";
}

/// Status, plan item, its price and number, period and cancellation are as Stripe shows them.
void expect_as_at_stripe(FlowWorld& world, std::string const& line = "tier") {
    auto const record = held(world, line);
    auto const there = world.at_stripe("GET", path_of(record));
    EXPECT_EQ(subscription::to_string(record.status), string_or(there, "status"));
    EXPECT_EQ(record.cancel_at_period_end, bool_or(there, "cancel_at_period_end"));
    EXPECT_EQ(record.trial_end ? record.trial_end->seconds() : 0, int_or(there, "trial_end"));
    EXPECT_EQ(record.ended_at ? record.ended_at->seconds() : 0, int_or(there, "ended_at"));
    auto const& items = there.at("items").at("data").as_array();
    ASSERT_EQ(record.items.size(), items.size());
    for (auto const& item : items) {
        auto const found = std::ranges::find(record.items, string_or(item, "id"), &subscription::Item::stripe_item_id);
        ASSERT_NE(found, record.items.end());
        EXPECT_EQ(found->stripe_price_id, string_or(item, "price.id"));
        EXPECT_EQ(found->quantity, int_or(item, "quantity"));
        EXPECT_EQ(found->period.start.seconds(), int_or(item, "current_period_start"));
        EXPECT_EQ(found->period.end.seconds(), int_or(item, "current_period_end"));
    }
}

TEST_P(Dashboard, ThePlanIsSwitchedToAnotherPrice) {
    world->subscribe("acme", "starter");
    world->at_stripe("POST", path_of(held(*world)),
                     "items[0][id]=" + held(*world).plan_item_id + "&items[0][price]=" + price_of(*world, "max"));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "max active");
    expect_as_at_stripe(*world);
    auto lower = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(lower)) << "and from there it goes on as usual";
    EXPECT_EQ(world->show("acme"), "max active next=pro");
}

TEST_P(Dashboard, APriceThatTheCatalogDoesNotKnowLeavesThePlanAndIsStored) {
    world->subscribe("acme", "pro");
    auto const product = string_or(world->at_stripe("GET", "/v1/prices/" + price_of(*world, "pro")), "product");
    auto const special = world->at_stripe(
        "POST", "/v1/prices", "product=" + product + "&currency=eur&unit_amount=2500&recurring[interval]=month");
    world->at_stripe("POST", path_of(held(*world)),
                     "items[0][id]=" + held(*world).plan_item_id + "&items[0][price]=" + string_or(special, "id"));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    expect_as_at_stripe(*world);
}

TEST_P(Dashboard, TheQuantityIsChanged) {
    world->subscribe("acme", "pro");
    world->at_stripe("POST", path_of(held(*world)),
                     "items[0][id]=" + held(*world).plan_item_id + "&items[0][quantity]=4");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active x4");
    expect_as_at_stripe(*world);
}

TEST_P(Dashboard, AnItemIsAddedAndThePlanIsStillFoundByItsPrice) {
    world->subscribe("acme", "pro");
    auto const extra = world->at_stripe(
        "POST", "/v1/prices", "product_data[name]=Support&currency=eur&unit_amount=700&recurring[interval]=month");
    world->at_stripe(
        "POST", "/v1/subscription_items",
        "subscription=" + held(*world).stripe_subscription_id + "&price=" + string_or(extra, "id") + "&quantity=2");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    expect_as_at_stripe(*world);
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "max"))));
    EXPECT_EQ(world->show("acme"), "max active");
    expect_as_at_stripe(*world);
    EXPECT_EQ(held(*world).items.size(), 2u) << "the other item stays";
}

TEST_P(Dashboard, TheSubscriptionIsCancelledAndBoughtAgain) {
    world->subscribe("acme", "pro");
    world->at_stripe("DELETE", path_of(held(*world)));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro canceled");
    expect_as_at_stripe(*world);
    world->subscribe("acme", "starter");
    EXPECT_EQ(world->show("acme"), "starter active");
}

TEST_P(Dashboard, ACancellationIsSetAndTakenBack) {
    world->subscribe("acme", "pro");
    for (auto const* word : {"true", "false"}) {
        world->at_stripe("POST", path_of(held(*world)), std::string("cancel_at_period_end=") + word);
        world->deliver();
        expect_as_at_stripe(*world);
    }
    EXPECT_EQ(world->show("acme"), "pro active");
}

// An end in three months is no reason to charge two more renewals to somebody who leaves now.
TEST_P(Dashboard, AnEndThatWasSetForLaterDoesNotKeepACustomerFromLeaving) {
    world->subscribe("acme", "pro");
    auto const period_end = held(*world).current_period.end;
    world->at_stripe("POST", path_of(held(*world)),
                     "cancel_at=" + std::to_string((period_end + Duration::days(60)).seconds()));
    world->deliver();
    EXPECT_EQ(held(*world).cancel_at, period_end + Duration::days(60));
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {{CustomerId("acme"), "customer:acme"}, "tier", {}})));
    EXPECT_TRUE(held(*world).cancel_at_period_end);
    EXPECT_EQ(held(*world).cancel_at, period_end);
    expect_as_at_stripe(*world);
}

TEST_P(Dashboard, TheTrialIsExtendedAndEndedEarly) {
    world->subscribe("acme", "ai_basic");
    auto const end = held(*world, "ai").trial_end.value() + Duration::days(10);
    world->at_stripe("POST", path_of(held(*world, "ai")), "trial_end=" + std::to_string(end.seconds()));
    world->deliver();
    EXPECT_EQ(held(*world, "ai").trial_end->seconds(), end.seconds());
    expect_as_at_stripe(*world, "ai");
    world->set_card("acme");
    world->at_stripe("POST", path_of(held(*world, "ai")), "trial_end=now");
    world->deliver();
    EXPECT_EQ(world->show("acme", "ai"), "ai_basic active");
    expect_as_at_stripe(*world, "ai");
}

TEST_P(Dashboard, CollectionIsPausedAndTheSubscriptionStaysInForce) {
    world->subscribe("acme", "pro");
    world->at_stripe("POST", path_of(held(*world)), "pause_collection[behavior]=void");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    expect_as_at_stripe(*world);
    world->at_stripe("POST", path_of(held(*world)), "pause_collection=");
    world->deliver();
    expect_as_at_stripe(*world);
}

TEST_P(Dashboard, AnUnpaidInvoiceIsVoidedOrWrittenOff) {
    for (auto const* word : {"void", "mark_uncollectible"}) {
        world = std::make_unique<FlowWorld>(GetParam());
        world->subscribe("acme", "pro");
        world->set_card("acme", "pm_card_chargeCustomerFail");
        world->advance(held(*world).current_period.end + Duration::minutes(1) - world->clock.now());
        world->deliver();
        world->advance(Duration::hours(2));
        world->deliver();
        ASSERT_EQ(world->show("acme"), "pro past_due");
        auto const invoice = held(*world).latest_invoice_id;
        world->at_stripe("POST", "/v1/invoices/" + invoice + "/" + word);
        world->deliver();
        EXPECT_EQ(invoice_status(*world, invoice), std::string(word) == "void" ? "void" : "uncollectible");
        expect_as_at_stripe(*world);
    }
}

TEST_P(Dashboard, ACouponIsAddedAndTheNextPreviewKnowsIt) {
    world->subscribe("acme", "starter");
    world->at_stripe("POST", "/v1/coupons", "id=HALF&percent_off=50&duration=forever");
    world->at_stripe("POST", path_of(held(*world)), "discounts[0][coupon]=HALF");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "starter active");
    auto const change = preview_change(*world->commands, world->changing("acme", "pro")).value();
    EXPECT_EQ(change.next_invoice->amount, 1500) << "half of 30.00";
}

TEST_P(Dashboard, TheCustomerIsDeletedAndBuysAgain) {
    world->subscribe("acme", "pro");
    auto const payer = ensure_stripe_customer(*world->commands, CustomerId("acme"))->stripe_customer_id;
    world->at_stripe("DELETE", "/v1/customers/" + payer);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro canceled");
    world->subscribe("acme", "starter");
    EXPECT_EQ(world->show("acme"), "starter active");
    EXPECT_NE(ensure_stripe_customer(*world->commands, CustomerId("acme"))->stripe_customer_id, payer);
}

TEST_P(Dashboard, TheCustomerIsDeletedAndNobodySaysSo) {
    world->add_customer("acme");
    auto const payer = ensure_stripe_customer(*world->commands, CustomerId("acme"))->stripe_customer_id;
    world->at_stripe("DELETE", "/v1/customers/" + payer);
    world->take_events();
    EXPECT_EQ(reason_of(purchase(*world->commands, world->buying("acme", "pro"))), "stripe_refused");
    world->subscribe("acme", "pro");
    EXPECT_EQ(world->show("acme"), "pro active") << "the first refusal has shown what is gone";
}

TEST_P(Dashboard, APriceIsArchivedAndThoseWhoHaveItKeepIt) {
    world->subscribe("acme", "pro");
    world->at_stripe("POST", "/v1/prices/" + price_of(*world, "pro"), "active=false");
    world->deliver();
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    expect_as_at_stripe(*world);
}

TEST_P(Dashboard, AnInvoiceIsDisputedOrRefundedAndTheSubscriptionGoesOn) {
    world->subscribe("acme", "pro");
    auto const invoice = held(*world).latest_invoice_id;
    auto const payments = world->at_stripe("GET", "/v1/invoice_payments?invoice=" + invoice);
    auto const intent = string_or(payments.at("data").as_array().front(), "payment.payment_intent");
    world->at_stripe("POST", "/v1/refunds", "payment_intent=" + intent + "&amount=1000");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(invoice_status(*world, invoice), "paid");
    expect_as_at_stripe(*world);
}

TEST_P(Dashboard, AnAnchorOnALeapDayComesBackToIt) {
    world->advance(Timestamp::from_seconds(1'835'395'200 + 3600) - world->clock.now());  // 2028-02-29T01:00:00Z
    world->deliver();
    world->subscribe("acme", "pro", IntervalUnit::year);
    auto const start = held(*world).current_period.start;
    EXPECT_EQ(to_rfc3339(start).substr(0, 10), "2028-02-29");
    EXPECT_EQ(to_rfc3339(held(*world).current_period.end).substr(0, 10), "2029-02-28");
    for (auto const* end : {"2030-02-28", "2031-02-28", "2032-02-29"}) {
        world->advance(held(*world).current_period.end + Duration::hours(3) - world->clock.now());
        world->deliver();
        EXPECT_EQ(to_rfc3339(held(*world).current_period.end).substr(0, 10), end);
        expect_as_at_stripe(*world);
    }
}

}  // namespace
}  // namespace billhook::flow::dashboard_test
