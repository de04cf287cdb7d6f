#include "http/address_limit.h"

#include <gtest/gtest.h>

namespace billhook::http::address_limit_test {
namespace {

Timestamp const start{1'000'000};

TEST(AddressLimit, StopsAnAddressAfterItsFailuresOfAMinute) {
    AddressLimit failures(3);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(failures.wait_of("192.0.2.1", start), Duration{});
        failures.note("192.0.2.1", start + Duration::seconds(i));
    }
    EXPECT_EQ(failures.wait_of("192.0.2.1", start + Duration::seconds(10)), Duration::seconds(50));
    EXPECT_EQ(failures.wait_of("192.0.2.2", start + Duration::seconds(10)), Duration{});
    EXPECT_EQ(failures.wait_of("192.0.2.1", start + Duration::minutes(1)), Duration{});
    failures.note("192.0.2.1", start + Duration::minutes(1));
    EXPECT_EQ(failures.wait_of("192.0.2.1", start + Duration::minutes(1)), Duration{});
}

TEST(AddressLimit, KeepsNoMoreOfAStreamOfStrangersThanOfAMinute) {
    // One address every ten seconds: at most six are within a minute, so room for six is room for all.
    AddressLimit limit(1, 6);
    for (int i = 0; i < 60; ++i) {
        std::string const address = "192.0.2." + std::to_string(i);
        auto const now = start + Duration::seconds(10 * i);
        EXPECT_EQ(limit.wait_of(address, now), Duration{}) << i;
        limit.note(address, now);
        EXPECT_EQ(limit.wait_of(address, now), Duration::minutes(1)) << i;
    }
}

TEST(AddressLimit, CountsAnIpv6HouseholdAsOne) {
    AddressLimit failures(2);
    failures.note("2001:db8::1", start);
    failures.note("2001:db8::2", start);
    EXPECT_GT(failures.wait_of("2001:db8::ffff", start), Duration{});
    EXPECT_EQ(failures.wait_of("2001:db8:0:1::1", start), Duration{});
}

TEST(AddressLimit, HoldsAsManyAddressesAsItMayAndCountsTheRestTogether) {
    AddressLimit failures(2, 3);
    for (auto const* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) failures.note(address, start);
    EXPECT_EQ(failures.wait_of("198.51.100.9", start), Duration{});
    failures.note("198.51.100.1", start);
    failures.note("198.51.100.2", start);
    EXPECT_GT(failures.wait_of("198.51.100.9", start), Duration{});  // nobody knows it, and nobody has room for it
    EXPECT_EQ(failures.wait_of("192.0.2.1", start), Duration{});     // its own count goes on
    // A stranger shares that count only while there is no room.
    auto const over = start + Duration::seconds(61);
    AddressLimit busy(2, 1);
    busy.note("192.0.2.1", start);
    for (int i = 0; i < 3; ++i) busy.note("198.51.100.1", start + Duration::seconds(30));
    EXPECT_GT(busy.wait_of("198.51.100.9", start + Duration::seconds(30)), Duration{});
    EXPECT_EQ(busy.wait_of("198.51.100.9", over), Duration{});
    // A minute later the first three have gone, and there is room again.
    auto const later = start + Duration::minutes(1);
    failures.note("198.51.100.9", later);
    EXPECT_EQ(failures.wait_of("198.51.100.9", later), Duration{});
    failures.note("198.51.100.9", later);
    EXPECT_GT(failures.wait_of("198.51.100.9", later), Duration{});
    EXPECT_EQ(failures.wait_of("192.0.2.1", later), Duration{});
}

}  // namespace
}  // namespace billhook::http::address_limit_test
