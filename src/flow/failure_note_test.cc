#include "flow/failure_note.h"

#include <gtest/gtest.h>

namespace billhook::flow::failure_note_test {
namespace {

TEST(FailureNote, IsCutAtAWholeCharacter) {
    EXPECT_EQ(failure_note(unavailable("stripe_timeout", "Later.")), "stripe_timeout: Later.");
    EXPECT_EQ(failure_note(unavailable("stripe_timeout", "")), "stripe_timeout");
    std::string umlauts;
    for (int i = 0; i < 400; ++i) umlauts += "ä";
    // "r: " is three bytes, so that the 500th byte is the first half of a character.
    auto const note = failure_note(unavailable("r", umlauts));
    EXPECT_EQ(note.size(), 499u);
    EXPECT_EQ(note.substr(497), "ä");
    EXPECT_EQ(failure_note(unavailable("r", std::string(497, 'x'))).size(), 500u);
    EXPECT_EQ(failure_note(unavailable("r", std::string(498, 'x'))).size(), 500u);
}

}  // namespace
}  // namespace billhook::flow::failure_note_test
