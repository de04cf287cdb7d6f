#include "domain/subscription/project.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "domain/subscription/sample_test.h"

namespace billhook::subscription::project_test {
namespace {

using Effect = Projection::Effect;

Timestamp at(std::int64_t minutes) {
    return sample::now + Duration::minutes(minutes);
}

LookTime read_at(std::int64_t minutes) {
    return {at(minutes), at(minutes) + Duration::seconds(1), false};
}

Subscription known(Status status, std::int64_t observed_minutes) {
    auto record = sample::subscription("pro", status);
    record.observed_at = at(observed_minutes);
    return record;
}

TEST(Project, the_newer_look_wins_and_what_has_ended_stays_ended) {
    struct Case {
        Status known_status;
        std::int64_t known_at;
        Status seen_status;
        LookTime look;
        Effect effect;
    };
    Case const cases[] = {
        {Status::active, 10, Status::past_due, read_at(11), Effect::fresh},
        {Status::active, 10, Status::past_due, read_at(10), Effect::fresh},
        {Status::active, 10, Status::active, read_at(9), Effect::stale},
        // Older by its clock, which may be another one's: a further read tells.
        {Status::active, 10, Status::past_due, read_at(9), Effect::ask_again},
        {Status::incomplete, 10, Status::active, read_at(9), Effect::ask_again},
        {Status::active, 10, Status::active, {at(8), at(9), true}, Effect::stale},
        {Status::active, 10, Status::past_due, {at(8), at(9), true}, Effect::ask_again},
        {Status::past_due, 10, Status::active, read_at(11), Effect::fresh},
        {Status::active, 10, Status::canceled, read_at(9), Effect::ask_again},
        {Status::canceled, 10, Status::active, read_at(11), Effect::stale},
        {Status::canceled, 10, Status::active, read_at(9), Effect::stale},
        {Status::canceled, 10, Status::canceled, read_at(11), Effect::fresh},
        {Status::incomplete_expired, 10, Status::incomplete, read_at(11), Effect::stale},
        // A write's answer counts from its return: a read that began before it cannot overwrite it.
        {Status::active, 10, Status::active, {at(9), at(11), true}, Effect::ask_again},
        {Status::active, 10, Status::active, {at(10), at(11), true}, Effect::fresh},
        {Status::active, 10, Status::active, {at(11), at(12), true}, Effect::fresh},
        {Status::active, 10, Status::active, {at(8), at(10), true}, Effect::fresh},
    };
    for (auto const& c : cases) {
        auto projection =
            project(known(c.known_status, c.known_at), known(c.seen_status, 0), c.look, std::nullopt, "read");
        EXPECT_EQ(int(projection.effect), int(c.effect))
            << to_string(c.known_status) << " -> " << to_string(c.seen_status) << " began " << c.look.began.ms;
        auto expected = c.effect == Effect::fresh ? c.seen_status : c.known_status;
        EXPECT_STREQ(to_string(projection.record.status), to_string(expected));
    }
}

TEST(Project, looks_in_any_order_end_in_the_same_record) {
    std::array<std::pair<int, Status>, 5> looks{{{1, Status::trialing},
                                                 {2, Status::active},
                                                 {3, Status::past_due},
                                                 {4, Status::active},
                                                 {5, Status::canceled}}};
    std::sort(looks.begin(), looks.end());
    int orders = 0;
    do {
        std::optional<Subscription> record;
        for (auto const& [minute, status] : looks)
            for (int twice = 0; twice < 2; ++twice) {
                auto projection = project(record, known(status, 0), read_at(minute), std::nullopt, "read");
                record = projection.record;
            }
        EXPECT_EQ(record->status, Status::canceled);
        EXPECT_EQ(record->observed_at, at(5));
        EXPECT_FALSE(record->past_due_since);
        ++orders;
    } while (std::next_permutation(looks.begin(), looks.end()));
    EXPECT_EQ(orders, 120);
}

TEST(Project, history_tells_each_move_of_status_or_plan_and_nothing_else) {
    auto born = project(std::nullopt, known(Status::trialing, 0), read_at(1), std::nullopt, "event:evt_1");
    ASSERT_TRUE(born.history);
    EXPECT_EQ(born.history->from_status, "free");
    EXPECT_EQ(born.history->to_status, "trialing");
    EXPECT_EQ(born.history->from_plan, "");
    EXPECT_EQ(born.history->to_plan, "pro");
    EXPECT_EQ(born.history->cause, "event:evt_1");
    EXPECT_EQ(born.history->at, at(1));

    auto seen = known(Status::trialing, 0);
    seen.cancel_at_period_end = true;
    EXPECT_FALSE(project(born.record, seen, read_at(2), std::nullopt, "read").history);

    auto paid = project(born.record, known(Status::active, 0), read_at(3), std::nullopt, "read");
    ASSERT_TRUE(paid.history);
    EXPECT_EQ(paid.history->from_status, "trialing");

    auto moved = project(paid.record, sample::subscription("max"), read_at(4), std::nullopt, "intent:int_1");
    ASSERT_TRUE(moved.history);
    EXPECT_EQ(moved.history->from_plan, "pro");
    EXPECT_EQ(moved.history->to_plan, "max");
}

TEST(Project, an_older_look_is_compared_by_what_stripe_told) {
    auto record = known(Status::past_due, 10);
    record.past_due_since = at(3);
    record.items = {{"si_1", "price_a"}, {"si_9", "price_b"}};
    auto seen = known(Status::past_due, 0);
    seen.id = SubscriptionId("bsub_other");
    seen.items = {{"si_9", "price_b"}, {"si_1", "price_a"}};
    EXPECT_EQ(int(project(record, seen, read_at(9), std::nullopt, "read").effect), int(Effect::stale));
    seen.latest_invoice_id = "in_another";
    EXPECT_EQ(int(project(record, seen, read_at(9), std::nullopt, "read").effect), int(Effect::ask_again));
}

TEST(Project, grace_runs_from_the_first_failure) {
    struct Case {
        Status known_status;
        std::optional<Timestamp> known_since;
        Status seen_status;
        std::optional<Timestamp> owed_since;
        std::optional<Timestamp> expected;
    };
    Case const cases[] = {
        {Status::active, {}, Status::past_due, {}, at(5)},          // nobody knows better than the look
        {Status::active, {}, Status::past_due, at(2), at(2)},       // the invoice knows
        {Status::past_due, at(1), Status::past_due, at(4), at(1)},  // a retry does not begin it anew
        {Status::past_due, at(1), Status::unpaid, at(4), at(1)},   {Status::past_due, at(1), Status::active, at(1), {}},
        {Status::past_due, at(1), Status::canceled, {}, {}},
    };
    for (auto const& c : cases) {
        auto record = known(c.known_status, 0);
        record.past_due_since = c.known_since;
        auto projection = project(record, known(c.seen_status, 0), read_at(5), c.owed_since, "read");
        EXPECT_EQ(projection.record.past_due_since, c.expected);
    }
}

TEST(Project, identity_is_kept_and_items_are_ordered) {
    auto seen = known(Status::active, 0);
    seen.id = SubscriptionId("bsub_other");
    seen.items = {{"si_9", "price_b"}, {"si_1", "price_a"}};
    auto projection = project(known(Status::active, 0), seen, read_at(1), std::nullopt, "read");
    EXPECT_EQ(projection.record.id.str(), "bsub_1");
    EXPECT_EQ(projection.record.items.front().stripe_item_id, "si_1");
}

}  // namespace
}  // namespace billhook::subscription::project_test
