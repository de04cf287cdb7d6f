#include "domain/subscription/request.h"

#include <gtest/gtest.h>

#include "domain/subscription/sample_test.h"

namespace billhook::subscription::request_test {
namespace {

using sample::standing;
using sample::subscription;
auto const month = IntervalUnit::month;
auto const year = IntervalUnit::year;

Stamp stamp(Timestamp now = sample::now) {
    return {IntentId("int_new"), SubscriptionId("bsub_new"), "key:k1", now};
}

std::string describe(Result<Decision> const& decision) {
    if (!decision) return std::string(to_string(decision.error().kind)) + " " + decision.error().reason;
    switch (decision->kind) {
        case Decision::Kind::begin:
            return std::string("begin ") + to_string(decision->intent.kind);
        case Decision::Kind::join:
            return "join " + decision->intent.id.str();
        case Decision::Kind::already:
            return "already";
        case Decision::Kind::undo_first:
            break;
    }
    std::string out = "undo";
    for (auto undo : decision->undo) out += std::string(" ") + to_string(undo);
    return out;
}

Standing with(Standing standing, auto change) {
    change(standing);
    return standing;
}

auto const pending = [](Intent intent) { return [intent](Standing& s) { s.pending = intent; }; };
auto const open_checkout = [](std::string plan) {
    auto intent = sample::intent(IntentKind::purchase, plan, {{"session", "cs_1"}});
    return [intent](Standing& s) { s.pending = intent; };
};

TEST(RequestPurchase, cases) {
    auto later = sample::now + same_click_window;
    struct Case {
        char const* name;
        Standing standing;
        PurchaseWish wish;
        Timestamp now;
        char const* expected;
    };
    Case const cases[] = {
        {"first", standing(), {{"pro", month, 1}, "eur"}, sample::now, "begin purchase"},
        {"after one that ended",
         standing(subscription("pro", Status::canceled)),
         {{"pro", month, 1}, "eur"},
         sample::now,
         "begin purchase"},
        {"held", standing(subscription()), {{"pro", month, 1}, "eur"}, sample::now, "conflict line_already_held"},
        {"another plan of a held line",
         standing(subscription()),
         {{"starter", month, 1}, "eur"},
         sample::now,
         "conflict line_already_held"},
        {"held past due",
         standing(subscription("pro", Status::past_due)),
         {{"pro", month, 1}, "eur"},
         sample::now,
         "conflict line_already_held"},
        {"first payment outstanding",
         standing(subscription("pro", Status::incomplete)),
         {{"pro", month, 1}, "eur"},
         sample::now,
         "conflict first_payment_pending"},
        {"second click", with(standing(), open_checkout("pro")), {{"pro", month, 1}, "eur"}, sample::now, "join int_0"},
        {"a click much later",
         with(standing(), open_checkout("pro")),
         {{"pro", month, 1}, "eur"},
         later,
         "undo checkout"},
        {"its own idempotency key",
         with(standing(), open_checkout("pro")),
         {{"pro", month, 1}, "eur", false, true},
         sample::now,
         "undo checkout"},
        {"another plan",
         with(standing(), open_checkout("pro")),
         {{"starter", month, 1}, "eur"},
         sample::now,
         "undo checkout"},
        {"another quantity",
         with(standing(), open_checkout("pro")),
         {{"pro", month, 2}, "eur"},
         sample::now,
         "undo checkout"},
        {"a trial instead",
         with(standing(), open_checkout("pro")),
         {{"starter", month, 1}, "eur", true},
         sample::now,
         "undo checkout"},
        {"the session is being made",
         with(standing(), pending(sample::intent(IntentKind::purchase, "pro"))),
         {{"pro", month, 1}, "eur", false, true},
         later,
         "join int_0"},
        {"another session is being made",
         with(standing(), pending(sample::intent(IntentKind::purchase, "pro"))),
         {{"starter", month, 1}, "eur"},
         sample::now,
         "conflict change_in_progress"},
        {"no such plan", standing(), {{"gold", month, 1}, "eur"}, sample::now, "not_found unknown_plan"},
        {"sold by people", standing(), {{"max", month, 1}, "eur"}, sample::now, "invalid contact_sales"},
        {"no such currency", standing(), {{"pro", month, 1}, "usd"}, sample::now, "invalid no_such_price"},
        {"no such rhythm", standing(), {{"pro", IntervalUnit::week, 1}, "eur"}, sample::now, "invalid no_such_price"},
        {"none of it", standing(), {{"pro", month, 0}, "eur"}, sample::now, "invalid invalid_value"},
        {"trial without a card", standing(), {{"starter", month, 1}, "eur", true}, sample::now, "begin start_trial"},
        {"that trial needs a card", standing(), {{"pro", month, 1}, "eur", true}, sample::now, "conflict no_trial"},
        {"a second trial",
         standing(subscription("starter", Status::canceled)),
         {{"starter", month, 1}, "eur", true},
         sample::now,
         "conflict no_trial"},
    };
    for (auto const& c : cases)
        EXPECT_EQ(describe(request_purchase(sample::small_catalog(), c.standing, c.wish, stamp(c.now))), c.expected)
            << c.name;
}

TEST(RequestPurchase, the_intent_says_what_was_wished) {
    auto decision = request_purchase(sample::small_catalog(), standing(), {{"pro", year, 2}, "eur"}, stamp()).value();
    auto const& intent = decision.intent;
    EXPECT_EQ(intent.id.str(), "int_new");
    EXPECT_EQ(intent.subscription.str(), "bsub_new");
    EXPECT_EQ(intent.cause, "key:k1");
    EXPECT_EQ(intent.line, "tier");
    EXPECT_EQ(target_of(intent), (Target{"pro", year, 2}));
    EXPECT_EQ(int_or(Json(intent.parameters), "trial_days"), 14);
}

TEST(RequestPurchase, who_held_the_line_before_gets_no_second_trial) {
    auto back = standing(subscription("starter", Status::canceled));
    auto decision = request_purchase(sample::small_catalog(), back, {{"pro", month, 1}, "eur"}, stamp()).value();
    EXPECT_EQ(int_or(Json(decision.intent.parameters), "trial_days", -1), 0);
}

Result<Decision> change(Standing standing, ChangeWish const& wish, std::map<std::string, std::int64_t> used = {},
                        std::optional<Intent> last = {}, Timestamp now = sample::now) {
    auto catalog = sample::small_catalog();
    catalog.features["clients"].over_limit = catalog::OverLimitPolicy::block;
    auto comparison = compare(catalog, standing.held, wish.target, used).value();
    standing.last = std::move(last);
    return request_change_plan(catalog, standing, wish, comparison, stamp(now));
}

TEST(RequestChangePlan, cases) {
    using enum Direction;
    auto const end = Effective::period_end;
    auto const at_once = Effective::now, at_end = Effective::period_end;
    auto scheduled = [](Standing& s) { s.scheduled = sample::scheduled("starter"); };
    auto leaving = [](Standing& s) { s.held->cancel_at_period_end = true; };
    auto held = [](std::string plan, IntervalUnit interval = IntervalUnit::month, std::int64_t quantity = 1) {
        return standing(subscription(plan, Status::active, interval, quantity));
    };
    auto awaiting = pending(sample::intent(IntentKind::upgrade, "pro", {{"awaiting_payment", "in_1"}}));
    struct Case {
        char const* name;
        Standing standing;
        ChangeWish wish;
        char const* expected;
    };
    Case const cases[] = {
        {"nothing held", standing(), {{"pro", month, 1}}, "conflict no_subscription"},
        {"upgrade", held("starter"), {{"pro", month, 1}}, "begin upgrade"},
        {"upgrade by its own door", held("starter"), {{"pro", month, 1}, {}, up_only}, "begin upgrade"},
        {"upgrade at next billing", held("starter"), {{"pro", month, 1}, end}, "begin schedule_change"},
        {"upgrade by the door for downgrades",
         held("starter"),
         {{"pro", month, 1}, {}, down_only},
         "conflict not_lower"},
        {"upgrade and longer rhythm", held("starter"), {{"pro", year, 1}}, "begin upgrade"},
        {"same", held("pro"), {{"pro", month, 1}}, "already"},
        {"same by the door for upgrades", held("pro"), {{"pro", month, 1}, {}, up_only}, "conflict same_plan"},
        {"same by the door for downgrades", held("pro"), {{"pro", month, 1}, {}, down_only}, "conflict same_plan"},
        {"downgrade", held("pro"), {{"starter", month, 1}}, "begin schedule_change"},
        {"downgrade by its own door", held("pro"), {{"starter", month, 1}, {}, down_only}, "begin schedule_change"},
        {"downgrade by the door for upgrades",
         held("pro"),
         {{"starter", month, 1}, {}, up_only},
         "conflict lower_plan"},
        {"downgrade at once", held("pro"), {{"starter", month, 1}, at_once}, "conflict lower_plan"},
        {"downgrade at once by an operator", held("pro"), {{"starter", month, 1}, at_once, any, true}, "begin upgrade"},
        {"sold by people", held("pro"), {{"max", month, 1}}, "invalid contact_sales"},
        {"sold by people, by an operator", held("pro"), {{"max", month, 1}, {}, any, true}, "begin upgrade"},
        {"longer rhythm", held("pro"), {{"pro", year, 1}}, "begin change_interval"},
        {"shorter rhythm", held("pro", year), {{"pro", month, 1}}, "begin schedule_change"},
        {"shorter rhythm by the door for downgrades",
         held("pro", year),
         {{"pro", month, 1}, {}, down_only},
         "begin schedule_change"},
        {"quantity", held("pro"), {{"pro", month, 5}}, "begin change_quantity"},
        {"quantity while a change is scheduled",
         with(held("pro"), scheduled),
         {{"pro", month, 5}},
         "conflict change_scheduled"},
        {"scheduled already", with(held("pro"), scheduled), {{"starter", month, 1}}, "already"},
        {"another scheduled", with(held("pro"), scheduled), {{"starter", year, 1}}, "begin schedule_change"},
        {"as many scheduled as another",
         with(held("pro"), scheduled),
         {{"starter", month, 2}},
         "begin schedule_change"},
        {"fewer at period end", held("pro", month, 3), {{"pro", month, 1}, at_end}, "begin schedule_change"},
        {"fewer at period end already",
         with(held("pro", month, 3), [](Standing& s) { s.scheduled = sample::scheduled("pro"); }),
         {{"pro", month, 1}, at_end},
         "already"},
        {"fewer still at period end",
         with(held("pro", month, 3), [](Standing& s) { s.scheduled = sample::scheduled("pro"); }),
         {{"pro", month, 2}, at_end},
         "begin schedule_change"},
        {"upgrade over a downgrade", with(held("starter"), scheduled), {{"pro", month, 1}}, "undo scheduled_change"},
        {"upgrade while leaving",
         with(held("starter"), leaving),
         {{"pro", month, 1}},
         "conflict cancellation_scheduled"},
        {"the same wish awaits its payment", with(held("starter"), awaiting), {{"pro", month, 1}}, "join int_0"},
        {"another awaits its payment",
         with(held("starter"), awaiting),
         {{"pro", year, 1}},
         "conflict change_in_progress"},
        {"owing, up",
         standing(subscription("starter", Status::past_due)),
         {{"pro", month, 1}},
         "conflict payment_overdue"},
        {"owing, down",
         standing(subscription("pro", Status::past_due)),
         {{"starter", month, 1}},
         "begin schedule_change"},
        {"paused",
         standing(subscription("starter", Status::paused)),
         {{"pro", month, 1}},
         "conflict subscription_paused"},
    };
    for (auto const& c : cases) EXPECT_EQ(describe(change(c.standing, c.wish)), c.expected) << c.name;
}

TEST(RequestChangePlan, a_withdrawal_on_the_way_is_joined_by_who_needs_it_done) {
    auto clearing = with(standing(subscription("starter")), [](Standing& s) {
        s.scheduled = sample::scheduled("starter");
        s.pending = sample::intent(IntentKind::cancel_schedule);
    });
    EXPECT_EQ(describe(change(clearing, {{"pro", month, 1}})), "undo scheduled_change");
    EXPECT_EQ(describe(request_cancel(clearing, {}, stamp())), "undo scheduled_change");
    EXPECT_EQ(describe(request_withdraw(clearing, stamp())), "join int_0");
    EXPECT_EQ(describe(change(clearing, {{"starter", month, 5}})), "conflict change_in_progress");
    EXPECT_EQ(describe(request_resume(clearing, stamp())), "conflict change_in_progress");
}

TEST(RequestChangePlan, what_is_in_the_way_is_named) {
    auto unpaid = sample::intent(IntentKind::upgrade, "pro", {{"awaiting_payment", "in_1"}});
    auto decision = request_cancel(with(standing(subscription()), pending(unpaid)), {}, stamp()).value();
    EXPECT_EQ(decision.undo, std::vector{Undo::unpaid_change});
    EXPECT_EQ(decision.intent, unpaid);
}

TEST(RequestChangePlan, a_blocking_limit_stops_the_way_down_only) {
    EXPECT_EQ(describe(change(standing(subscription("pro")), {{"starter", month, 1}}, {{"clients", 10}})),
              "conflict downgrade_blocked");
    EXPECT_EQ(describe(change(standing(subscription("pro")), {{"starter", month, 1}}, {{"clients", 9}})),
              "begin schedule_change");
    EXPECT_EQ(describe(change(standing(subscription("starter")), {{"pro", month, 1}}, {{"clients", 50}})),
              "begin upgrade");
}

TEST(RequestChangePlan, the_same_wish_granted_a_moment_ago_is_answered_with_the_state) {
    auto last = sample::intent(IntentKind::upgrade, "pro");
    last.status = IntentStatus::confirmed;
    last.ended_at = sample::now;
    auto held = standing(subscription("pro"));
    ChangeWish wish{{"pro", month, 1}, {}, Direction::up_only};
    EXPECT_EQ(describe(change(held, wish, {}, last, sample::now + Duration::seconds(9))), "already");
    EXPECT_EQ(describe(change(held, wish, {}, last, sample::now + Duration::seconds(10))), "conflict same_plan");
    last.status = IntentStatus::refused;
    EXPECT_EQ(describe(change(held, wish, {}, last)), "conflict same_plan");
    // Who has just bought the plan and now asks for an upgrade to it has asked for something else.
    last = sample::intent(IntentKind::purchase, "pro");
    last.status = IntentStatus::confirmed;
    last.ended_at = sample::now;
    EXPECT_EQ(describe(change(held, wish, {}, last)), "conflict same_plan");
}

TEST(RequestCancel, cases) {
    auto leaving = [](Standing& s) { s.held->cancel_at_period_end = true; };
    auto leaving_later = [](Standing& s) { s.held->cancel_at = s.held->current_period.end + Duration::days(60); };
    auto leaving_with_period = [](Standing& s) { s.held->cancel_at = s.held->current_period.end; };
    auto scheduled = [](Standing& s) { s.scheduled = sample::scheduled("starter"); };
    auto awaiting = pending(sample::intent(IntentKind::upgrade, "pro", {{"awaiting_payment", "in_1"}}));
    auto canceling = pending(sample::intent(IntentKind::cancel, "", {{"at", "period_end"}, {"refund", "none"}}));
    CancelWish const now{CancelAt::now};
    struct Case {
        char const* name;
        Standing standing;
        CancelWish wish;
        char const* expected;
    };
    Case const cases[] = {
        {"nothing held", standing(), {}, "conflict no_subscription"},
        {"active", standing(subscription()), {}, "begin cancel"},
        {"trial", standing(subscription("pro", Status::trialing)), {}, "begin cancel"},
        {"owing", standing(subscription("pro", Status::unpaid)), {}, "begin cancel"},
        {"again", with(standing(subscription()), leaving), {}, "already"},
        {"before the end that was set", with(standing(subscription()), leaving_later), {}, "begin cancel"},
        {"with the end that was set", with(standing(subscription()), leaving_with_period), {}, "already"},
        {"at once while leaving", with(standing(subscription()), leaving), now, "begin cancel"},
        {"ended", standing(subscription("pro", Status::canceled)), now, "conflict no_subscription"},
        {"over a downgrade", with(standing(subscription()), scheduled), {}, "undo scheduled_change"},
        {"while a payment is awaited", with(standing(subscription()), awaiting), now, "undo unpaid_change"},
        {"second click", with(standing(subscription()), canceling), {}, "join int_0"},
        {"at once meanwhile", with(standing(subscription()), canceling), now, "conflict change_in_progress"},
        {"refund at period end",
         standing(subscription()),
         {CancelAt::period_end, Refund::full},
         "invalid invalid_value"},
        {"refund at once", standing(subscription()), {CancelAt::now, Refund::full}, "begin cancel"},
    };
    for (auto const& c : cases) EXPECT_EQ(describe(request_cancel(c.standing, c.wish, stamp())), c.expected) << c.name;
}

TEST(RequestCancel, a_second_click_on_cancel_at_once_is_no_mistake) {
    auto last = sample::intent(IntentKind::cancel, "", {{"at", "now"}, {"refund", "none"}});
    last.status = IntentStatus::confirmed;
    last.ended_at = sample::now;
    auto ended = standing();
    ended.last = last;
    auto soon = stamp(sample::now + Duration::seconds(9));
    EXPECT_EQ(describe(request_cancel(ended, {CancelAt::now}, soon)), "already");
    EXPECT_EQ(describe(request_cancel(ended, {CancelAt::now, Refund::full}, soon)), "conflict no_subscription");
    EXPECT_EQ(describe(request_cancel(ended, {}, soon)), "conflict no_subscription");
    EXPECT_EQ(describe(request_cancel(ended, {CancelAt::now}, stamp(sample::now + Duration::seconds(10)))),
              "conflict no_subscription");
    auto held = standing(subscription());
    held.last = last;
    EXPECT_EQ(describe(request_cancel(held, {CancelAt::now}, soon)), "begin cancel")
        << "what is held is not so already";
}

TEST(RequestResume, cases) {
    auto leaving = [](Standing& s) { s.held->cancel_at_period_end = true; };
    EXPECT_EQ(describe(request_resume(standing(), stamp())), "conflict no_subscription");
    EXPECT_EQ(describe(request_resume(standing(subscription()), stamp())), "already");
    EXPECT_EQ(describe(request_resume(with(standing(subscription()), leaving), stamp())), "begin resume");
    EXPECT_EQ(describe(request_resume(standing(subscription("pro", Status::paused)), stamp())), "begin resume");
    EXPECT_EQ(describe(request_resume(standing(subscription("pro", Status::canceled)), stamp())),
              "conflict no_subscription");
}

TEST(RequestWithdraw, cases) {
    auto scheduled = [](Standing& s) { s.scheduled = sample::scheduled("starter"); };
    auto awaiting = pending(sample::intent(IntentKind::upgrade, "pro", {{"awaiting_payment", "in_1"}}));
    EXPECT_EQ(describe(request_withdraw(standing(), stamp())), "conflict no_subscription");
    EXPECT_EQ(describe(request_withdraw(standing(subscription()), stamp())), "already");
    EXPECT_EQ(describe(request_withdraw(with(standing(subscription()), scheduled), stamp())), "begin cancel_schedule");
    EXPECT_EQ(describe(request_withdraw(with(standing(subscription()), awaiting), stamp())), "undo unpaid_change");
}

}  // namespace
}  // namespace billhook::subscription::request_test
