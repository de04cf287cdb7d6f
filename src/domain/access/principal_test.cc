#include "domain/access/principal.h"

#include <gtest/gtest.h>

namespace billhook::access::principal_test {
namespace {

TEST(Principal, no_two_kinds_share_a_name) {
    EXPECT_EQ((Principal{.caller = Caller::application, .subject = "key_1"}).name(), "key:key_1");
    EXPECT_EQ((Principal{.caller = Caller::operator_, .subject = "key_1"}).name(), "operator:key_1");
    EXPECT_EQ((Principal{.caller = Caller::customer, .subject = "key_1"}).name(), "customer:key_1");
    EXPECT_EQ((Principal{.caller = Caller::customer, .subject = "key:key_1"}).name(), "customer:key:key_1");
    EXPECT_EQ(Principal{}.name(), "anonymous:");
}

}  // namespace
}  // namespace billhook::access::principal_test
