#include "flow/projector/recent_reads.h"

#include <gtest/gtest.h>

namespace billhook::flow::recent_reads_test {
namespace {

TEST(RecentReads, only_a_read_that_began_later_covers) {
    RecentReads reads;
    reads.note("sub_1", {100});
    EXPECT_TRUE(reads.covers("sub_1", {99}));
    EXPECT_FALSE(reads.covers("sub_1", {100})) << "in the same millisecond nobody knows which came first";
    EXPECT_FALSE(reads.covers("sub_1", {101}));
    EXPECT_FALSE(reads.covers("sub_2", {1}));
    reads.note("sub_1", {50});
    EXPECT_TRUE(reads.covers("sub_1", {99})) << "an older read takes nothing back";
}

TEST(RecentReads, forgets_the_oldest_beyond_its_capacity) {
    RecentReads reads(2);
    for (auto const* id : {"a", "b", "c", "d", "e"}) reads.note(id, {100});
    EXPECT_FALSE(reads.covers("a", {1}));
    EXPECT_TRUE(reads.covers("e", {1}));
    EXPECT_TRUE(reads.covers("d", {1}));
}

}  // namespace
}  // namespace billhook::flow::recent_reads_test
