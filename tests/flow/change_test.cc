#include "flow/command/cancel_subscription.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::change_test {
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

void expect_same_amounts(ChangeView const& change, ChangeView const& preview) {
    EXPECT_EQ(change.amount_due_now, preview.amount_due_now);
    EXPECT_EQ(change.credit, preview.credit);
    ASSERT_TRUE(change.next_invoice && preview.next_invoice);
    EXPECT_EQ(change.next_invoice->amount, preview.next_invoice->amount);
    EXPECT_EQ(change.next_invoice->at, preview.next_invoice->at);
    EXPECT_EQ(change.proration_date, preview.proration_date);
}

/// What Stripe has put on acme's latest invoice.
std::int64_t last_invoice(FlowWorld& world) {
    auto const id = world.view("acme").subscription->latest_invoice_id;
    return int_or(world.at_stripe("GET", "/v1/invoices/" + id), "amount_due");
}

bool asks_for_a_quote(net::HttpRequest const& request) {
    return request.target.ends_with("/v1/invoices/create_preview");
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

    world->advance(Duration::minutes(50));
    world->transport->take_writes();
    auto answer = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(answer));
    EXPECT_EQ(world->transport->take_writes().size(), 1u) << "what was previewed is not asked for again";
    EXPECT_EQ(world->show("acme"), "pro active") << "before any webhook";
    expect_same_amounts(answer->change, *preview);
    EXPECT_EQ(last_invoice(*world), preview->amount_due_now);
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed upgrade:confirmed");
    auto const before = world->projections.load();
    world->deliver();
    EXPECT_GT(world->projections.load(), before);
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->history("acme"), " free -> starter active, starter active -> pro active");
    EXPECT_EQ(world->view("acme").subscription->items.size(), 1u) << "the item was named, no second one was added";
}

TEST_P(ChangeFlow, WithoutAPreviewTheAnswerTellsWhatWasCharged) {
    world->subscribe("acme", "starter");
    world->advance(Duration::days(10));
    auto answer = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(answer));
    auto const& change = answer->change;
    EXPECT_EQ(change.amount_due_now, last_invoice(*world));
    EXPECT_GT(change.credit, 0);
    // The rest of the month costs three times what the rest of the old plan was worth; each line is rounded by itself.
    EXPECT_NEAR(double(change.amount_due_now), 2.0 * double(change.credit), 1.0);
    ASSERT_TRUE(change.next_invoice);
    EXPECT_EQ(change.next_invoice->amount, 3000);
    EXPECT_EQ(change.next_invoice->at, world->view("acme").subscription->current_period.end);
}

TEST_P(ChangeFlow, APreviewHoldsForAnHourForItsOwnTargetAndState) {
    world->subscribe("acme", "starter");
    auto const previewed = [&](char const* plan) {
        auto preview = preview_change(*world->commands, world->changing("acme", plan));
        EXPECT_TRUE(is_ok(preview));
        return preview->proration_date;
    };
    auto const charged_as_of = [&](ChangeRequest const& request) {
        auto answer = change_plan(*world->commands, request);
        EXPECT_TRUE(is_ok(answer));
        return answer->change.proration_date;
    };
    auto more = world->changing("acme", "starter");
    more.target.quantity = 2;
    world->advance(Duration::days(1));
    auto date = previewed("pro");
    world->advance(Duration::minutes(1));
    EXPECT_NE(charged_as_of(more), date) << "another change than the previewed one";
    world->advance(Duration::minutes(1));
    EXPECT_NE(charged_as_of(world->changing("acme", "pro")), date) << "two are held now, not one";
    date = previewed("max");
    world->advance(Duration::minutes(61));
    EXPECT_NE(charged_as_of(world->changing("acme", "max")), date) << "too long ago";
}

TEST_P(ChangeFlow, APreviewSeesOneInstantThoughTheSecondTurns) {
    world->add_customer("newcomer");
    world->await_end_of_second();
    auto const first = preview_change(*world->commands, world->changing("newcomer", "pro"));
    ASSERT_TRUE(is_ok(first));
    EXPECT_EQ(first->next_invoice->at, add_intervals(first->effective_at, {IntervalUnit::month, 1}, 1));

    world->subscribe("acme", "starter");
    world->await_end_of_second();
    auto const upgrade = preview_change(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(upgrade));
    EXPECT_EQ(upgrade->proration_date, Timestamp::from_seconds(upgrade->effective_at.seconds()));
    auto const kept = world->database->run("SELECT created_at FROM change_preview");
    EXPECT_EQ(kept.at(0).at(0), std::to_string(upgrade->effective_at.ms));
}

TEST_P(ChangeFlow, ACommandHoldsItsWishFromTheInstantAtWhichItWasMade) {
    world->subscribe("acme", "starter");
    std::vector<std::vector<std::string>> held;
    world->transport->choose([&](net::HttpRequest const& request) {
        if (request.method == "POST" && request.target.find("/v1/subscriptions/") != std::string::npos)
            held = world->database->run(
                "SELECT locked_until - created_at FROM outbox_message WHERE status = 'processing'");
        return Fault::none;
    });
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro"))));
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held.front().front(), std::to_string(Duration::minutes(3).ms));
}

TEST_P(ChangeFlow, WhatCannotBeQuotedIsNotBegun) {
    world->subscribe("acme", "starter");
    world->transport->choose(
        [](net::HttpRequest const& request) { return asks_for_a_quote(request) ? Fault::lost_before : Fault::none; });
    auto answer = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(world->show("acme"), "starter active");
    EXPECT_EQ(world->intents("acme"), "purchase:confirmed");
}

TEST_P(ChangeFlow, WhatIsGoneAtStripeIsNoticedWhenAQuoteIsRefused) {
    for (auto const* name : {"asks", "looks"}) {
        world->subscribe(name, "starter");
        world->at_stripe("DELETE", "/v1/subscriptions/" + world->view(name).subscription->stripe_subscription_id);
        while (!world->take_events().empty()) {
        }
        EXPECT_EQ(world->show(name), "starter active") << "nobody has told us";
    }
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("asks", "pro"))), "no_subscription");
    EXPECT_EQ(world->show("asks"), "starter canceled");
    auto preview = preview_change(*world->commands, world->changing("looks", "pro"));
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->relation, Relation::new_plan);
}

TEST_P(ChangeFlow, AQuoteThatIsOvertakenIsAskedForAnew) {
    world->subscribe("acme", "starter");
    world->advance(Duration::days(3));
    auto more = world->changing("acme", "starter");
    more.target.quantity = 2;
    bool is_overtaken = false;
    world->transport->choose([&](net::HttpRequest const& request) {
        if (asks_for_a_quote(request) && !std::exchange(is_overtaken, true)) {
            EXPECT_TRUE(is_ok(change_plan(*world->commands, more)));
        }
        return Fault::none;
    });
    auto answer = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(answer));
    EXPECT_EQ(answer->change.amount_due_now, last_invoice(*world));
    EXPECT_EQ(answer->change.next_invoice->amount, 6000) << "two, as the other change has left it";
    EXPECT_EQ(world->show("acme"), "pro active x2");
}

TEST_P(ChangeFlow, TheSameUpgradeTwiceIsOneAndLaterIsRefused) {
    world->subscribe("acme", "starter");
    auto wish = world->changing("acme", "pro");
    wish.direction = subscription::Direction::up_only;
    auto first = change_plan(*world->commands, wish);
    ASSERT_TRUE(is_ok(first));
    auto second = change_plan(*world->commands, wish);
    ASSERT_TRUE(is_ok(second)) << "the same click";
    expect_same_amounts(second->change, first->change);
    world->advance(Duration::minutes(1));
    EXPECT_EQ(reason_of(change_plan(*world->commands, wish)), "same_plan");
    EXPECT_EQ(world->count_at_stripe("acme", "invoices"), 2u);
}

TEST_P(ChangeFlow, ThePlanThatIsHeldIsAnsweredWithWhatComesNext) {
    world->subscribe("acme", "starter");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro"))));
    world->advance(Duration::minutes(1));
    auto const held = world->view("acme").subscription.value();
    for (auto const& change : {change_plan(*world->commands, world->changing("acme", "pro")).value().change,
                               preview_change(*world->commands, world->changing("acme", "pro")).value()}) {
        EXPECT_EQ(change.relation, subscription::Relation::same);
        EXPECT_EQ(change.amount_due_now, 0);
        EXPECT_EQ(change.credit, 0);
        ASSERT_TRUE(change.next_invoice);
        EXPECT_EQ(change.next_invoice->amount, 3000);
        EXPECT_EQ(change.next_invoice->at, held.current_period.end);
    }
    EXPECT_EQ(preview_change(*world->commands, world->changing("acme", "pro")).value().blocked->code, "same_plan");
    EXPECT_EQ(world->count_at_stripe("acme", "invoices"), 2u);
}

TEST_P(ChangeFlow, ADowngradeThatIsScheduledAlreadyTellsItsNextInvoiceWhateverCameBetween) {
    world->subscribe("acme", "pro");
    auto first = change_plan(*world->commands, world->changing("acme", "starter"));
    ASSERT_TRUE(is_ok(first));
    // The same change is then made at Stripe, by somebody else: this line's last intent is the withdrawal.
    auto withdrawn = withdraw_change(*world->commands, {CustomerId("acme"), "customer:acme"}, "tier");
    ASSERT_TRUE(is_ok(withdrawn));
    auto const held = world->view("acme").subscription.value();
    auto schedule =
        world->at_stripe("POST", "/v1/subscription_schedules", "from_subscription=" + held.stripe_subscription_id);
    auto const start = std::to_string(held.current_period.start.seconds());
    auto const end = std::to_string(held.current_period.end.seconds());
    auto const starter = world->prices->find_offer("starter", IntervalUnit::month, "eur")->stripe_price_id;
    world->at_stripe("POST", "/v1/subscription_schedules/" + string_or(schedule, "id"),
                     "phases[0][items][0][price]=" + held.items.front().stripe_price_id +
                         "&phases[0][start_date]=" + start + "&phases[0][end_date]=" + end +
                         "&phases[1][items][0][price]=" + starter + "&phases[1][duration][interval]=month");
    world->deliver();
    ASSERT_EQ(world->show("acme"), "pro active next=starter");
    auto again = change_plan(*world->commands, world->changing("acme", "starter"));
    ASSERT_TRUE(is_ok(again));
    ASSERT_TRUE(again->change.next_invoice);
    EXPECT_EQ(again->change.next_invoice->amount, 1000);
    EXPECT_EQ(again->change.next_invoice->at, held.current_period.end);
    EXPECT_EQ(world->count_at_stripe("acme", "subscription_schedules"), 2u);
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

TEST_P(ChangeFlow, ALongerRhythmBeginsNowAsPreviewedAShorterWaits) {
    world->subscribe("acme", "pro");
    auto const start = world->view("acme").subscription->current_period.start;
    world->advance(Duration::days(3));
    auto const preview = preview_change(*world->commands, world->changing("acme", "pro", IntervalUnit::year));
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->relation, Relation::interval);
    world->advance(Duration::minutes(50));
    auto const longer = change_plan(*world->commands, world->changing("acme", "pro", IntervalUnit::year));
    ASSERT_TRUE(is_ok(longer));
    EXPECT_EQ(world->show("acme"), "pro active yearly");
    expect_same_amounts(longer->change, *preview);
    EXPECT_EQ(last_invoice(*world), preview->amount_due_now);
    // The month that is paid becomes the first of the year: Stripe keeps the anchor, and the preview says until when.
    auto const end = world->view("acme").subscription->current_period.end;
    EXPECT_EQ(end, add_intervals(start, {IntervalUnit::year, 1}, 1));
    EXPECT_EQ(preview->next_invoice->at, end);
    auto back = change_plan(*world->commands, world->changing("acme", "pro", IntervalUnit::month));
    ASSERT_TRUE(is_ok(back));
    EXPECT_EQ(back->change.relation, Relation::interval);
    EXPECT_EQ(world->show("acme"), "pro active yearly next=pro");
    EXPECT_EQ(world->view("acme").scheduled->effective_at, end);
}

ChangeRequest fewer_at_period_end(FlowWorld& world, std::int64_t quantity) {
    auto request = at(world.changing("acme", "pro"), Effective::period_end);
    request.target.quantity = quantity;
    return request;
}

void hold_three(FlowWorld& world) {
    world.subscribe("acme", "pro");
    auto request = world.changing("acme", "pro");
    request.target.quantity = 3;
    ASSERT_TRUE(is_ok(change_plan(*world.commands, request)));
    world.deliver();
}

TEST_P(ChangeFlow, FewerAtPeriodEndIsShownAndDoneWithTheRenewal) {
    hold_three(*world);
    auto const end = world->view("acme").subscription->current_period.end;
    auto const fewer = fewer_at_period_end(*world, 1);
    auto const preview = preview_change(*world->commands, fewer);
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->effective_at, end);
    EXPECT_EQ(preview->amount_due_now, 0);
    EXPECT_EQ(preview->next_invoice->amount, 3000);
    auto const scheduled = change_plan(*world->commands, fewer);
    ASSERT_TRUE(is_ok(scheduled));
    EXPECT_EQ(world->show("acme"), "pro active x3 next=pro x1") << "before any webhook";
    EXPECT_EQ(world->view("acme").scheduled->effective_at, end);
    expect_same_amounts(scheduled->change, *preview);
    ASSERT_TRUE(is_ok(change_plan(*world->commands, fewer))) << "it is so already";
    ASSERT_TRUE(is_ok(change_plan(*world->commands, fewer_at_period_end(*world, 2))));
    EXPECT_EQ(world->show("acme"), "pro active x3 next=pro x2") << "another wish takes its place";
    EXPECT_EQ(world->count_at_stripe("acme", "subscription_schedules"), 1u);
    world->deliver();
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active x2");
    world->advance(Duration::hours(2));
    world->deliver();
    EXPECT_EQ(last_invoice(*world), 6000);
    EXPECT_EQ(world->intents("acme"),
              "purchase:confirmed change_quantity:confirmed schedule_change:confirmed schedule_change:confirmed");
}

TEST_P(ChangeFlow, FewerAtPeriodEndCanBeWithdrawnAndGivesWayToLeaving) {
    hold_three(*world);
    ASSERT_TRUE(is_ok(change_plan(*world->commands, fewer_at_period_end(*world, 1))));
    ASSERT_TRUE(is_ok(withdraw_change(*world->commands, asker, "tier")));
    EXPECT_EQ(world->show("acme"), "pro active x3");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, fewer_at_period_end(*world, 1))));
    ASSERT_TRUE(is_ok(cancel_subscription(*world->commands, {asker, "tier", {}})));
    EXPECT_EQ(world->show("acme"), "pro active x3 leaving");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active x3 leaving");
}

// Stripe's own portal lowers a quantity by a schedule, too.
TEST_P(ChangeFlow, FewerThatIsScheduledAtStripeIsSeenAndDone) {
    hold_three(*world);
    auto const held = world->view("acme").subscription.value();
    auto const schedule =
        world->at_stripe("POST", "/v1/subscription_schedules", "from_subscription=" + held.stripe_subscription_id);
    auto const start = std::to_string(held.current_period.start.seconds());
    auto const end = std::to_string(held.current_period.end.seconds());
    auto const& price = held.items.front().stripe_price_id;
    world->at_stripe("POST", "/v1/subscription_schedules/" + string_or(schedule, "id"),
                     "phases[0][items][0][price]=" + price + "&phases[0][items][0][quantity]=3&phases[0][start_date]=" +
                         start + "&phases[0][end_date]=" + end + "&phases[1][items][0][price]=" + price +
                         "&phases[1][items][0][quantity]=2&phases[1][duration][interval]=month");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active x3 next=pro x2");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, fewer_at_period_end(*world, 2)))) << "it is so already";
    EXPECT_EQ(world->count_at_stripe("acme", "subscription_schedules"), 1u);
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active x2");
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

// The schedule of an earlier downgrade stays attached until its last period ends, and planning goes on from its phase.
TEST_P(ChangeFlow, WhatIsPaidLateIsKeptUntilThePlannedPeriodBegins) {
    struct {
        char const* customer;
        char const* plan;
        std::int64_t quantity;
        char const* held;
        char const* planned;
    } const cases[] = {
        {"more", "starter", 2, "starter active x2", "starter active x2 next=max"},
        {"higher", "pro", 1, "pro active", "pro active next=max"},
    };
    for (auto const& c : cases) {
        world->subscribe(c.customer, "pro");
        ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing(c.customer, "starter"))));
        world->advance(world->view(c.customer).subscription->current_period.end + Duration::hours(2) -
                       world->clock.now());
        world->deliver();
        ASSERT_NE(world->view(c.customer).subscription->stripe_schedule_id, "");
        world->set_card(c.customer, "pm_card_chargeCustomerFail");
        auto wish = world->changing(c.customer, c.plan);
        wish.target.quantity = c.quantity;
        auto const unpaid = change_plan(*world->commands, wish);
        ASSERT_EQ(reason_of(unpaid), "payment_failed");
        ASSERT_EQ(world->pay(string_or(Json(unpaid.error().extra), "action_url")), 200);
        world->deliver();
        ASSERT_EQ(world->show(c.customer), c.held);
        auto const invoices = world->count_at_stripe(c.customer, "invoices");
        auto next = at(world->changing(c.customer, "max"), Effective::period_end);
        next.target.quantity = c.quantity;
        EXPECT_TRUE(is_ok(change_plan(*world->commands, next)));
        EXPECT_EQ(world->show(c.customer), c.planned);
        EXPECT_EQ(world->count_at_stripe(c.customer, "invoices"), invoices);
    }
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
    expect_same_amounts(answer->change, *preview);
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

TEST_P(ChangeFlow, AScheduledChangeBeginsAtTheInstantAtWhichItsWishEnds) {
    world->subscribe("acme", "pro");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "starter"))));
    auto const begun = world->database->run("SELECT created_at FROM scheduled_change");
    auto const ended = world->database->run("SELECT ended_at FROM intent WHERE kind = 'schedule_change'");
    ASSERT_EQ(begun.size(), 1u);
    EXPECT_EQ(begun, ended);
}

// The process dies when Stripe has its schedule, and comes back after the change: nothing of it was ever read.
TEST_P(ChangeFlow, AScheduledChangeThatCameUnseenIsWrittenDownAsDone) {
    for (auto const quantity : {0, 2}) {
        auto const name = "c" + std::to_string(quantity);
        world->subscribe(name, "pro");
        auto wish = world->changing(name, quantity ? "pro" : "starter");
        if (quantity) {
            wish.target.quantity = quantity;
            wish.at = subscription::Effective::period_end;
        }
        world->transport->choose([](net::HttpRequest const& request) {
            bool const is_plan = request.method == "POST" && request.target.contains("/subscription_schedules/");
            return is_plan ? Fault::death_after : Fault::none;
        });
        EXPECT_THROW((void)change_plan(*world->commands, wish), Death);
        world->transport->choose({});
        while (!world->take_events().empty()) {
        }
        world->advance(Duration::days(32));
        while (!world->take_events().empty()) {
        }
        ASSERT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId(name))));
        EXPECT_EQ(world->show(name), quantity ? "pro active x2" : "starter active");
        EXPECT_EQ(world->intents(name), "purchase:confirmed schedule_change:confirmed");
        auto const rows = world->database->run(
            "SELECT from_plan, to_plan, to_quantity, status FROM scheduled_change WHERE customer_id = '" + name + "'");
        ASSERT_EQ(rows.size(), 1u);
        using Row = std::vector<std::string>;
        EXPECT_EQ(rows.front(), quantity ? (Row{"pro", "pro", "2", "done"}) : (Row{"pro", "starter", "1", "done"}));
    }
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
            world->transport->choose([&](net::HttpRequest const& request) {
                if (asks_for_a_quote(request) || calls++ != at_call) return Fault::none;
                died = true;
                return fault;
            });
            try {
                (void)change_plan(*world->commands, world->changing(name, "starter"));
            } catch (Death const&) {
                EXPECT_TRUE(died);
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
        world->transport->choose([&](net::HttpRequest const& request) {
            return request.method == "POST" && !asks_for_a_quote(request) ? fault : Fault::none;
        });
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
}  // namespace billhook::flow::change_test
