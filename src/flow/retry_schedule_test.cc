#include "flow/retry_schedule.h"

#include <gtest/gtest.h>

namespace billhook::flow::retry_schedule_test {
namespace {

TEST(RetrySchedule, DoublesUpToItsBoundAndEnds) {
    RetrySchedule const schedule{.retries_max = 40, .wait_min = Duration::seconds(2), .wait_max = Duration::hours(1)};
    SeededRandom random(3);
    for (int retries = 0; retries < 40; ++retries) {
        auto const full_ms = retries < 11 ? 2000LL << retries : Duration::hours(1).ms;
        auto const wait = schedule.next_wait(retries, random);
        ASSERT_TRUE(wait) << retries;
        EXPECT_GE(wait->ms, full_ms / 2) << retries;
        EXPECT_LE(wait->ms, full_ms) << retries;
    }
    EXPECT_FALSE(schedule.next_wait(40, random));
    EXPECT_FALSE(RetrySchedule{.retries_max = 0}.next_wait(0, random));
}

}  // namespace
}  // namespace billhook::flow::retry_schedule_test
