#include "flow/command/cancel_subscription.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow {
namespace {

FLOW_SUITE(ChangeFlow);

using Fault = FaultyTransport::Fault;
using subscription::Effective;
using subscription::Relation;

Asker const asker{CustomerId("acme"), "customer:acme"};

ChangeRequest at(ChangeRequest request, Effective when) {
    request.at = when;
    return request;
}

TEST_P(ChangeFlow, AnUpgradeCostsWhatItsPreviewSaidAndIsGrantedAtOnce) {
    world->subscribe("acme", "starter");
    world->advance(Duration::days(10));
    auto preview = preview_change(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->relation, Relation::upgrade);
    EXPECT_EQ(preview->effective, Effective::now);
    EXPECT_FALSE(preview->blocked);
    EXPECT_GT(preview->amount_due_now, 0);
    EXPECT_GT(preview->credit, 0);
    ASSERT_TRUE(preview->next_invoice);
    EXPECT_EQ(preview->next_invoice->amount, 3000);
    ASSERT_TRUE(preview->proration_date);
    EXPECT_EQ(world->show("acme"), "starter active") << "a preview changes nothing";

    world->advance(Duration::minutes(3));
    auto request = world->changing("acme", "pro");
    request.proration_date = preview->proration_date;
    auto answer = change_plan(*world->commands, request);
    ASSERT_TRUE(is_ok(answer));
    EXPECT_EQ(world->show("acme"), "pro active") << "before any webhook";
    EXPECT_EQ(answer->change.amount_due_now, preview->amount_due_now);
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:confirmed");
    auto const before = world->projections.load();
    world->deliver();
    EXPECT_GT(world->projections.load(), before);
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->history("acme"), " free -> starter active, starter active -> pro active");
    EXPECT_EQ(world->view("acme").subscription->items.size(), 1u) << "the item was named, no second one was added";
}

TEST_P(ChangeFlow, TheSameUpgradeTwiceIsOneAndLaterIsRefused) {
    world->subscribe("acme", "starter");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro"))));
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro")))) << "the same click";
    world->advance(Duration::minutes(1));
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("acme", "pro"))), "same_plan");
    EXPECT_EQ(world->count_at_stripe("acme", "invoices"), 2u);
}

TEST_P(ChangeFlow, ADeclinedUpgradeLeavesTheOldPlanAndALinkThatFinishesIt) {
    world->subscribe("acme", "starter");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    auto refused = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::payment_required);
    auto const url = string_or(Json(refused.error().extra), "action_url");
    EXPECT_FALSE(url.empty());
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade");
    auto again = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_FALSE(again);
    EXPECT_EQ(string_or(Json(again.error().extra), "action_url"), url) << "the same wish has the same link";
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("acme", "pro", IntervalUnit::year))),
              "change_in_progress");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade");
    EXPECT_EQ(world->pay(url), 200);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:confirmed");
}

TEST_P(ChangeFlow, AnUpgradeThatNeedsThePayerSaysSo) {
    world->subscribe("acme", "starter");
    world->set_card("acme", "pm_card_authenticationRequired");
    auto refused = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::payment_required);
    EXPECT_EQ(refused.error().reason, "authentication_required");
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade");
}

TEST_P(ChangeFlow, AnUpgradeThatIsNeverPaidIsRefusedInTheEnd) {
    world->subscribe("acme", "starter");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    EXPECT_FALSE(change_plan(*world->commands, world->changing("acme", "pro")));
    world->advance(Duration::hours(24));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "starter active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:refused(payment_not_made)");
}

TEST_P(ChangeFlow, AnUnpaidUpgradeCanBeWithdrawn) {
    world->subscribe("acme", "starter");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    EXPECT_FALSE(change_plan(*world->commands, world->changing("acme", "pro")));
    ASSERT_TRUE(is_ok(withdraw_change(*world->commands, asker, "tier")));
    EXPECT_EQ(world->show("acme"), "starter active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:superseded(withdrawn)");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "starter active");
}

TEST_P(ChangeFlow, AnUpgradeWithinATrialCostsNothingNow) {
    world->add_customer("acme");
    ASSERT_TRUE(is_ok(start_trial(*world->commands, world->buying("acme", "ai_basic"))));
    auto preview = preview_change(*world->commands, world->changing("acme", "ai_plus"));
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->amount_due_now, 0);
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "ai_plus"))));
    world->deliver();
    EXPECT_EQ(world->show("acme", "ai"), "ai_plus trialing");
}

TEST_P(ChangeFlow, ALongerRhythmBeginsNowAShorterWaits) {
    world->subscribe("acme", "pro");
    world->advance(Duration::days(3));
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro", IntervalUnit::year))));
    EXPECT_EQ(world->show("acme"), "pro active yearly");
    auto const end = world->view("acme").subscription->current_period.end;
    EXPECT_GT(end, world->clock.now() + Duration::days(360));
    auto back = change_plan(*world->commands, world->changing("acme", "pro", IntervalUnit::month));
    ASSERT_TRUE(is_ok(back));
    EXPECT_EQ(back->change.relation, Relation::interval);
    EXPECT_EQ(world->show("acme"), "pro active yearly next=pro");
    EXPECT_EQ(world->view("acme").scheduled->effective_at, end);
}

TEST_P(ChangeFlow, AQuantityChangesAtOnce) {
    world->subscribe("acme", "pro");
    auto request = world->changing("acme", "pro");
    request.target.quantity = 3;
    auto answer = change_plan(*world->commands, request);
    ASSERT_TRUE(is_ok(answer));
    EXPECT_EQ(answer->change.relation, Relation::quantity);
    EXPECT_EQ(world->show("acme"), "pro active x3");
}

TEST_P(ChangeFlow, ADowngradeWaitsForThePeriodThatIsPaid) {
    world->subscribe("acme", "pro");
    world->advance(Duration::days(5));
    auto preview = preview_change(*world->commands, world->changing("acme", "starter"));
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->effective, Effective::period_end);
    EXPECT_EQ(preview->amount_due_now, 0);
    EXPECT_EQ(preview->next_invoice->amount, 1000);
    auto answer = change_plan(*world->commands, world->changing("acme", "starter"));
    ASSERT_TRUE(is_ok(answer));
    EXPECT_EQ(world->show("acme"), "pro active next=starter");
    auto const end = world->view("acme").subscription->current_period.end;
    EXPECT_EQ(world->view("acme").scheduled->effective_at, end);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active next=starter");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "starter")))) << "it is so already";
    EXPECT_EQ(world->count_at_stripe("acme", "subscription_schedules"), 1u);
    world->advance(end + Duration::hours(2) - world->clock.now());
    world->deliver();
    EXPECT_EQ(world->show("acme"), "starter active");
    EXPECT_EQ(world->database->run("SELECT status FROM scheduled_change").front().front(), "done");
    EXPECT_EQ(world->history("acme"), " free -> pro active, pro active -> starter active");
}

TEST_P(ChangeFlow, AnUpgradeMayWaitForTheNextBilling) {
    world->subscribe("acme", "starter");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, at(world->changing("acme", "pro"), Effective::period_end))));
    EXPECT_EQ(world->show("acme"), "starter active next=pro");
}

TEST_P(ChangeFlow, AScheduledChangeIsCalledOff) {
    world->subscribe("acme", "pro");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "starter"))));
    ASSERT_TRUE(is_ok(withdraw_change(*world->commands, asker, "tier")));
    EXPECT_EQ(world->show("acme"), "pro active");
    ASSERT_TRUE(is_ok(withdraw_change(*world->commands, asker, "tier"))) << "it is so already";
    world->deliver();
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->database->run("SELECT status FROM scheduled_change").front().front(), "canceled");
}

TEST_P(ChangeFlow, AnotherScheduledChangeReplacesTheFirst) {
    world->subscribe("acme", "max");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro"))));
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "starter"))));
    EXPECT_EQ(world->show("acme"), "max active next=starter");
    EXPECT_EQ(world->count_at_stripe("acme", "subscription_schedules"), 1u);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "max active next=starter");
}

TEST_P(ChangeFlow, AnUpgradeEndsTheWishToMoveDown) {
    world->subscribe("acme", "pro");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "starter"))));
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "max"))));
    EXPECT_EQ(world->show("acme"), "max active");
    EXPECT_EQ(world->intents("acme"),
              "purchase:confirmed schedule_change:confirmed cancel_schedule:confirmed upgrade:confirmed");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "max active");
}

TEST_P(ChangeFlow, ACancellationEndsTheWishToMoveDown) {
    world->subscribe("acme", "pro");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "starter"))));
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {asker, "tier", {}})));
    EXPECT_EQ(world->show("acme"), "pro active leaving");
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("acme", "max"))), "cancellation_scheduled");
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("acme", "starter"))), "cancellation_scheduled");
}

TEST_P(ChangeFlow, DoorsLeadOneWay) {
    world->subscribe("acme", "pro");
    auto up = world->changing("acme", "starter");
    up.direction = subscription::Direction::up_only;
    EXPECT_EQ(reason_of(change_plan(*world->commands, up)), "lower_plan");
    auto down = world->changing("acme", "max");
    down.direction = subscription::Direction::down_only;
    EXPECT_EQ(reason_of(change_plan(*world->commands, down)), "not_lower");
    EXPECT_EQ(reason_of(change_plan(*world->commands, at(world->changing("acme", "starter"), Effective::now))),
              "lower_plan");
    auto by_operator = at(world->changing("acme", "starter"), Effective::now);
    by_operator.asker = {CustomerId("acme"), "operator:ann", true};
    ASSERT_TRUE(is_ok(change_plan(*world->commands, by_operator)));
    EXPECT_EQ(world->show("acme"), "starter active");
}

TEST_P(ChangeFlow, NothingHeldIsNothingToChange) {
    world->add_customer("acme");
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("acme", "pro"))), "no_subscription");
    EXPECT_EQ(reason_of(withdraw_change(*world->commands, asker, "tier")), "no_subscription");
    auto preview = preview_change(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->relation, Relation::new_plan);
    EXPECT_EQ(preview->amount_due_now, 3000);
    EXPECT_EQ(reason_of(preview_change(*world->commands, world->changing("acme", "gold"))), "unknown_plan");
}

TEST_P(ChangeFlow, DeathAtAnyCallOfAScheduleIsFinishedByTheOutbox) {
    int number = 0;
    for (auto fault : {Fault::death_before, Fault::death_after})
        for (int at_call : {0, 1, 2, 3, 4}) {
            auto const name = "c" + std::to_string(number++);
            world->subscribe(name, "pro");
            int calls = 0;
            bool died = false;
            world->transport->choose([&](net::HttpRequest const&) {
                if (calls++ != at_call) return Fault::none;
                died = true;
                return fault;
            });
            try {
                (void)change_plan(*world->commands, world->changing(name, "starter"));
            } catch (Death const&) {
            }
            world->transport->choose({});
            world->advance(Duration::minutes(5));
            world->run_outbox();
            world->deliver();
            EXPECT_EQ(world->show(name), "pro active next=starter") << "call " << at_call << " died " << died;
            EXPECT_EQ(world->count_at_stripe(name, "subscription_schedules"), 1u);
        }
}

TEST_P(ChangeFlow, DeathAtTheUpgradeIsFinishedByTheOutboxOnce) {
    int number = 0;
    for (auto fault : {Fault::death_before, Fault::death_after}) {
        auto const name = "c" + std::to_string(number++);
        world->subscribe(name, "starter");
        world->transport->choose(
            [&](net::HttpRequest const& request) { return request.method == "POST" ? fault : Fault::none; });
        EXPECT_THROW((void)change_plan(*world->commands, world->changing(name, "pro")), Death);
        world->transport->choose({});
        EXPECT_EQ(world->show(name), "starter active pending=upgrade");
        EXPECT_EQ(reason_of(cancel_subscription(*world->commands, {{CustomerId(name), "c"}, "tier", {}})),
                  "change_in_progress");
        world->advance(Duration::minutes(5));
        world->run_outbox();
        EXPECT_EQ(world->show(name), "pro active");
        EXPECT_EQ(world->count_at_stripe(name, "invoices"), 2u) << "charged once";
    }
}

}  // namespace
}  // namespace billhook::flow
