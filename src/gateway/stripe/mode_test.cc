#include "gateway/stripe/mode.h"

#include <gtest/gtest.h>

namespace billhook::stripe::mode_test {
namespace {

std::string reason(bool is_live_event, std::string_view api_key) {
    auto const checked = check_mode({.id = "evt_1", .is_live = is_live_event}, api_key);
    return checked ? "" : checked.error().reason;
}

TEST(Mode, an_event_of_the_other_mode_is_not_for_this_key) {
    for (auto const* key : {"sk_live_1", "rk_live_1", "sk_org_live_1"}) {
        EXPECT_EQ(reason(true, key), "") << key;
        EXPECT_EQ(reason(false, key), "other_mode") << key;
    }
    for (auto const* key : {"sk_test_1", "rk_test_1", "sk_org_test_1"}) {
        EXPECT_EQ(reason(false, key), "") << key;
        EXPECT_EQ(reason(true, key), "other_mode") << key;
    }
}

TEST(Mode, a_key_that_does_not_tell_its_mode_takes_both) {
    for (auto const* key : {"", "a_proxy's_own_key"}) {
        EXPECT_EQ(reason(true, key), "") << key;
        EXPECT_EQ(reason(false, key), "") << key;
    }
}

}  // namespace
}  // namespace billhook::stripe::mode_test
