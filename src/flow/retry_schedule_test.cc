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

TEST(RetrySchedule, WaitsInAnOutageByItsLengthAndNeverLong) {
    RetrySchedule const schedule{.retries_max = 0, .wait_min = Duration::seconds(2)};
    SeededRandom random(4);
    struct Case {
        Duration waited;
        std::int64_t full_ms;
    };
    for (auto const& [waited, full_ms] :
         {Case{Duration::seconds(0), 2000}, Case{Duration::seconds(8), 2000}, Case{Duration::seconds(100), 25'000},
          Case{Duration::minutes(8), 120'000}, Case{Duration::days(30), 120'000}}) {
        auto const wait = schedule.wait_in_outage(waited, random);
        EXPECT_GE(wait.ms, full_ms / 2) << waited.ms;
        EXPECT_LE(wait.ms, full_ms) << waited.ms;
    }
}

}  // namespace
}  // namespace billhook::flow::retry_schedule_test
