#include "domain/subscription/outcome.h"

#include <gtest/gtest.h>

#include "domain/subscription/sample_test.h"

namespace billhook::subscription::outcome_test {
namespace {

using sample::intent;
using sample::subscription;

Subscription with(Subscription record, auto change) {
    change(record);
    return record;
}

TEST(Outcome, of_intents) {
    auto held = [](Subscription& s) { s.pending_update_expires_at = sample::now; };
    auto leaving = [](Subscription& s) { s.cancel_at_period_end = true; };
    auto leaving_later = [](Subscription& s) { s.cancel_at = s.current_period.end + Duration::days(60); };
    auto scheduled = [](Subscription& s) { s.stripe_schedule_id = "sub_sched_1"; };
    auto other = [](Subscription& s) { s.id = SubscriptionId("bsub_2"); };
    JsonObject const awaiting{{"awaiting_payment", "in_1"}};
    JsonObject const withdrawn{{"awaiting_payment", "in_1"}, {"withdrawn", "customer:acme"}};
    JsonObject const at_end{{"at", "period_end"}, {"refund", "none"}};
    JsonObject const now{{"at", "now"}, {"refund", "none"}};
    JsonObject const refunding{{"at", "now"}, {"refund", "full"}};
    JsonObject const refunded{{"at", "now"}, {"refund", "full"}, {"refunded", "re_1"}};
    using enum IntentKind;
    struct Case {
        Intent intent;
        Subscription record;
        char const* expected;
    };
    Case const cases[] = {
        {intent(purchase, "pro"), subscription("pro", Status::active), "confirmed "},
        {intent(purchase, "pro"), subscription("pro", Status::trialing), "confirmed "},
        {intent(purchase, "pro"), subscription("pro", Status::incomplete), "pending"},
        {intent(purchase, "pro"), subscription("pro", Status::incomplete_expired), "refused first_payment_failed"},
        {intent(purchase, "pro"), subscription("pro", Status::canceled), "confirmed "},
        {intent(purchase, "pro"), with(subscription("pro"), other), "pending"},
        {intent(start_trial, "pro"), subscription("pro", Status::trialing), "confirmed "},
        {intent(upgrade, "max"), subscription("max"), "confirmed "},
        {intent(upgrade, "max"), subscription("pro"), "pending"},
        {intent(upgrade, "max"), with(subscription("pro"), held), "pending"},
        {intent(upgrade, "max", awaiting), with(subscription("pro"), held), "pending"},
        {intent(upgrade, "max", awaiting), subscription("pro"), "refused payment_not_made"},
        {intent(upgrade, "max", awaiting), subscription("max"), "confirmed "},
        {intent(upgrade, "max", withdrawn), subscription("pro"), "superseded withdrawn"},
        {intent(upgrade, "max", withdrawn), subscription("max"), "confirmed "},
        {intent(upgrade, "max"), subscription("pro", Status::canceled), "superseded subscription_ended"},
        {intent(upgrade, "max"), with(subscription("max"), other), "pending"},
        {intent(change_interval, "pro"), subscription("pro", Status::active, IntervalUnit::year), "pending"},
        {intent(change_interval, "pro"), subscription("pro"), "confirmed "},
        {intent(change_quantity, "pro"), subscription("pro", Status::active, IntervalUnit::month, 3), "pending"},
        {intent(change_quantity, "pro"), subscription("pro"), "confirmed "},
        {intent(schedule_change, "starter"), with(subscription("pro"), scheduled), "pending"},
        {intent(schedule_change, "starter"), subscription("pro", Status::canceled), "superseded subscription_ended"},
        {intent(cancel_schedule), with(subscription("pro"), scheduled), "pending"},
        {intent(cancel_schedule), subscription("pro"), "confirmed "},
        {intent(cancel, "", at_end), subscription("pro"), "pending"},
        {intent(cancel, "", at_end), with(subscription("pro"), leaving), "confirmed "},
        {intent(cancel, "", at_end), with(subscription("pro"), leaving_later), "pending"},
        {intent(cancel, "", at_end), subscription("pro", Status::canceled), "confirmed "},
        {intent(cancel, "", at_end), with(subscription("pro", Status::canceled), other), "pending"},
        {intent(cancel, "", now), with(subscription("pro"), leaving), "pending"},
        {intent(cancel, "", now), subscription("pro", Status::canceled), "confirmed "},
        {intent(cancel, "", refunding), subscription("pro", Status::canceled), "pending"},
        {intent(cancel, "", refunded), subscription("pro", Status::canceled), "confirmed "},
        {intent(resume), with(subscription("pro"), leaving), "pending"},
        {intent(resume), subscription("pro"), "confirmed "},
        {intent(resume), subscription("pro", Status::paused), "pending"},
        {intent(resume), subscription("pro", Status::canceled), "superseded subscription_ended"},
    };
    for (auto const& c : cases) {
        auto outcome = outcome_of(c.intent, c.record);
        auto text = outcome ? std::string(to_string(outcome->status)) + " " + outcome->reason : "pending";
        EXPECT_EQ(text, c.expected) << to_string(c.intent.kind) << " on " << to_string(c.record.status);
    }
}

TEST(Outcome, of_scheduled_changes) {
    auto on = [](Subscription record, char const* schedule) {
        record.stripe_schedule_id = schedule;
        return record;
    };
    struct Case {
        Subscription record;
        char const* expected;
    };
    Case const cases[] = {
        {on(subscription("pro"), "sub_sched_1"), "scheduled"},
        {on(subscription("starter"), "sub_sched_1"), "done"},
        {on(subscription("starter"), ""), "done"},
        {on(subscription("starter", Status::past_due), ""), "done"},
        {on(subscription("starter", Status::active, IntervalUnit::year), ""), "canceled"},
        {on(subscription("pro"), ""), "canceled"},
        {on(subscription("pro"), "sub_sched_2"), "superseded"},
        {on(subscription("pro", Status::canceled), "sub_sched_1"), "superseded"},
        {on(subscription("starter", Status::canceled), ""), "superseded"},
    };
    for (auto const& c : cases) {
        auto outcome = outcome_of(sample::scheduled("starter"), c.record);
        EXPECT_STREQ(outcome ? to_string(*outcome) : "scheduled", c.expected)
            << c.record.plan << " " << c.record.stripe_schedule_id;
    }
}

TEST(Outcome, of_a_scheduled_quantity) {
    auto fewer = sample::scheduled("pro");
    fewer.to_quantity = 1;
    auto record = subscription("pro", Status::active, IntervalUnit::month, 3);
    record.stripe_schedule_id = "sub_sched_1";
    EXPECT_EQ(outcome_of(fewer, record), std::nullopt) << "the plan is that of the change, the quantity is not";
    record.stripe_schedule_id.clear();
    EXPECT_EQ(outcome_of(fewer, record), ScheduledChangeStatus::canceled);
    record = subscription("pro", Status::active, IntervalUnit::month, 1);
    EXPECT_EQ(outcome_of(fewer, record), ScheduledChangeStatus::done);
    // Another plan has come though somebody chose the quantity anew on the way.
    EXPECT_EQ(outcome_of(sample::scheduled("starter"), subscription("starter", Status::active, IntervalUnit::month, 2)),
              ScheduledChangeStatus::done);
}

}  // namespace
}  // namespace billhook::subscription::outcome_test
