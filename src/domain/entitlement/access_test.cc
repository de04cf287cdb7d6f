// The table from (status, cancel_at, time past due) to access, exhaustively: every status × every cancellation × every
// stage of the grace period, each cell stated here by its rule and not by the code's own shape.

#include "domain/entitlement/access.h"

#include <gtest/gtest.h>

namespace billhook::entitlement::access_test {
namespace {

using subscription::Status;

constexpr Timestamp now{1'750'000'000'000};
constexpr GracePolicy policy{Duration::days(7), Duration::days(7)};

struct Expected {
    Access access;
    char const* reason;
};

/// What a subscription without any cancellation gives, by status and days past due. PRODUCT 2.10, SEMANTICS 3.
Expected expected_of(Status status, int days_past_due) {
    switch (status) {
        case Status::active:
            return {Access::full, "active"};
        case Status::trialing:
            return {Access::full, "trial"};
        case Status::past_due:
            if (days_past_due < 7) return {Access::full, "past_due_grace"};
            if (days_past_due < 14) return {Access::soft_locked, "past_due_soft"};
            return {Access::locked, "payment_required"};
        case Status::unpaid:
        case Status::incomplete:
            return {Access::locked, "payment_required"};
        case Status::paused:
            return {Access::locked, "paused"};
        case Status::canceled:
        case Status::incomplete_expired:
            return {Access::locked, "ended"};
    }
    return {Access::locked, "ended"};
}

TEST(DecideAccess, EveryStatusCancellationAndGraceStage) {
    Status const statuses[] = {
        Status::incomplete, Status::incomplete_expired, Status::trialing, Status::active, Status::past_due,
        Status::unpaid,     Status::canceled,           Status::paused};
    std::optional<Duration> const cancellations[] = {std::nullopt, Duration::days(3), Duration{1}, Duration{0},
                                                     Duration::days(-2)};
    int cells = 0;
    for (auto status : statuses) {
        for (int days_past_due : {0, 6, 7, 13, 14, 60}) {
            for (auto const& cancel_in : cancellations) {
                subscription::Subscription held;
                held.status = status;
                held.past_due_since = now - Duration::days(days_past_due);
                if (cancel_in) held.cancel_at = now + *cancel_in;
                auto const decision = decide_access(held, policy, now);
                Expected expected = expected_of(status, days_past_due);
                bool const paid_time_is_over = cancel_in && cancel_in->ms <= 0;
                if (expected.access != Access::locked && paid_time_is_over) expected = {Access::locked, "ended"};
                EXPECT_EQ(decision.access, expected.access)
                    << subscription::to_string(status) << " past due " << days_past_due;
                EXPECT_EQ(decision.reason, expected.reason);
                if (decision.changes_at) {
                    EXPECT_GT(*decision.changes_at, now) << "a change lies ahead";
                }
                ++cells;
            }
        }
    }
    EXPECT_EQ(cells, 8 * 6 * 5);
}

TEST(DecideAccess, SaysWhenItWillChangeWithoutNews) {
    subscription::Subscription held;
    held.status = Status::past_due;
    held.past_due_since = now - Duration::days(1);
    EXPECT_EQ(decide_access(held, policy, now).changes_at, now + Duration::days(6));
    held.cancel_at = now + Duration::days(2);
    EXPECT_EQ(decide_access(held, policy, now).changes_at, held.cancel_at);
    held.past_due_since = now - Duration::days(8);
    held.cancel_at.reset();
    EXPECT_EQ(decide_access(held, policy, now).changes_at, now + Duration::days(6));
}

TEST(DecideAccess, GraceEndsToTheMillisecond) {
    subscription::Subscription held;
    held.status = Status::past_due;
    held.past_due_since = now - Duration::days(7);
    EXPECT_EQ(decide_access(held, policy, now - Duration{1}).access, Access::full);
    EXPECT_EQ(decide_access(held, policy, now).access, Access::soft_locked);
}

}  // namespace
}  // namespace billhook::entitlement::access_test
