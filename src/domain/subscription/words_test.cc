#include <gtest/gtest.h>

#include "domain/subscription/request.h"
#include "domain/subscription/scheduled_change.h"

namespace billhook::subscription::words_test {
namespace {

TEST(Words, every_word_reads_back) {
    for (int i = 0; i <= int(Status::paused); ++i) EXPECT_EQ(parse_status(to_string(Status(i))), Status(i));
    for (int i = 0; i <= int(IntentKind::resume); ++i)
        EXPECT_EQ(parse_intent_kind(to_string(IntentKind(i))), IntentKind(i));
    for (int i = 0; i <= int(IntentStatus::superseded); ++i)
        EXPECT_EQ(parse_intent_status(to_string(IntentStatus(i))), IntentStatus(i));
    for (int i = 0; i <= int(ScheduledChangeStatus::superseded); ++i)
        EXPECT_EQ(parse_scheduled_change_status(to_string(ScheduledChangeStatus(i))), ScheduledChangeStatus(i));
    for (auto at : {CancelAt::period_end, CancelAt::now}) EXPECT_EQ(parse_cancel_at(to_string(at)), at);
    for (auto refund : {Refund::none, Refund::prorated, Refund::full})
        EXPECT_EQ(parse_refund(to_string(refund)), refund);
    for (auto at : {Effective::period_end, Effective::now}) EXPECT_EQ(parse_effective(to_string(at)), at);
}

TEST(Words, other_words_are_none) {
    for (auto const* word : {"", "Active", "cancelled", "free", "active "}) EXPECT_FALSE(parse_status(word)) << word;
    EXPECT_FALSE(parse_intent_kind("buy"));
    EXPECT_FALSE(parse_intent_status("done"));
    EXPECT_FALSE(parse_scheduled_change_status("pending"));
    EXPECT_FALSE(parse_cancel_at("later"));
}

TEST(Words, only_two_states_are_final) {
    for (int i = 0; i <= int(Status::paused); ++i)
        EXPECT_EQ(has_ended(Status(i)), Status(i) == Status::canceled || Status(i) == Status::incomplete_expired);
}

}  // namespace
}  // namespace billhook::subscription::words_test
