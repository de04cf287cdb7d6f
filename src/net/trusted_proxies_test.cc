#include "net/trusted_proxies.h"

#include <gtest/gtest.h>

namespace billhook::net::trusted_proxies_test {
namespace {

TEST(TrustedProxies, KnowsItsAddressesAndNetworks) {
    auto const proxies =
        TrustedProxies::parse({"192.0.2.7", "10.0.0.0/8", "172.16.0.0/12", "::1", "fd00::/9", "203.0.113.0/25"});
    ASSERT_TRUE(proxies) << proxies.error().detail;
    for (auto const* address : {"192.0.2.7", "10.0.0.1", "10.255.255.255", "172.31.9.9", "::1", "fd7f::1",
                                "::ffff:10.1.2.3", "203.0.113.127"})
        EXPECT_TRUE(proxies->contains(address)) << address;
    for (auto const* address : {"192.0.2.8", "11.0.0.1", "172.32.0.1", "::2", "fd80::1", "", "10.0.0", "unknown",
                                "203.0.113.128", "::10.0.0.1"})
        EXPECT_FALSE(proxies->contains(address)) << address;
    EXPECT_FALSE(TrustedProxies::parse({})->contains("127.0.0.1"));
    EXPECT_TRUE(TrustedProxies::parse({"0.0.0.0/0"})->contains("8.8.8.8"));
    EXPECT_FALSE(TrustedProxies::parse({"0.0.0.0/0"})->contains("2001:db8::1"));
}

TEST(TrustedProxies, RefusesWhatIsNoAddress) {
    for (auto const* text :
         {"", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0/8", "::/129", "/8"}) {
        auto const proxies = TrustedProxies::parse({text});
        ASSERT_FALSE(proxies) << text;
        EXPECT_EQ(proxies.error().field, "trusted_proxies");
    }
}

struct ForwardCase {
    char const* peer;
    std::vector<char const*> forwarded_for;
    char const* client;
};

TEST(TrustedProxies, BelievesOnlyWhatItsOwnMachinesWrote) {
    auto const proxies = *TrustedProxies::parse({"10.0.0.0/8", "::1"});
    ForwardCase const cases[] = {
        {"198.51.100.1", {}, "198.51.100.1"},
        {"198.51.100.1", {"192.0.2.1"}, "198.51.100.1"},  // a stranger's header
        {"10.0.0.1", {}, "10.0.0.1"},
        {"10.0.0.1", {"192.0.2.1"}, "192.0.2.1"},
        {"::1", {"2001:db8::5"}, "2001:db8::5"},
        {"10.0.0.1", {"1.1.1.1, 192.0.2.1"}, "192.0.2.1"},  // what the client wrote itself stands to the left
        {"10.0.0.1", {"192.0.2.1, 10.0.0.9"}, "192.0.2.1"},
        {"10.0.0.1", {"1.1.1.1", "192.0.2.1 ,\t10.0.0.9"}, "192.0.2.1"},  // two fields are one list
        {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
        {"10.0.0.1", {"192.0.2.1:5060"}, "192.0.2.1"},
        {"10.0.0.1", {"[2001:db8::5]:5060"}, "2001:db8::5"},
        {"10.0.0.1", {"192.0.2.1, unknown"}, "10.0.0.1"},  // what cannot be read ends the walk
        {"10.0.0.1", {""}, "10.0.0.1"},
        {"10.0.0.1", {"192.0.2.1, ,10.0.0.9"}, "10.0.0.9"},
    };
    for (auto const& c : cases) {
        HttpRequest request{.remote_address = c.peer};
        for (auto const* value : c.forwarded_for) request.headers.add("x-forwarded-for", value);
        EXPECT_EQ(proxies.client_of(request), c.client)
            << c.peer << " " << (c.forwarded_for.empty() ? "" : c.forwarded_for[0]);
    }
}

TEST(TrustedProxies, HearsOfPlainHttpFromItsOwnMachinesAlone) {
    auto const proxies = *TrustedProxies::parse({"10.0.0.0/8"});
    struct Case {
        char const* peer;
        char const* scheme;
        bool is_plain;
    };
    Case const cases[] = {
        {"10.0.0.1", "http", true},         {"10.0.0.1", "HTTP", true}, {"10.0.0.1", "https", false},
        {"10.0.0.1", "https, http", true},  {"10.0.0.1", "", false},    {"198.51.100.1", "http", false},
        {"10.0.0.1", "http, https", false}, {"10.0.0.1", "ht", false}};
    for (auto const& c : cases)
        EXPECT_EQ(proxies.says_plain_http({.headers = {{"X-Forwarded-Proto", c.scheme}}, .remote_address = c.peer}),
                  c.is_plain)
            << c.peer << " " << c.scheme;
}

TEST(IpAddress, CountsAHouseholdAsOne) {
    auto const household = [](char const* text) { return household_of(*parse_ip_address(text)); };
    EXPECT_EQ(household("2001:db8:1:2::5"), household("2001:db8:1:2:ffff::1"));
    EXPECT_NE(household("2001:db8:1:2::5"), household("2001:db8:1:3::5"));
    EXPECT_NE(household("192.0.2.1"), household("192.0.2.2"));
    EXPECT_EQ(household("192.0.2.1"), household("::ffff:192.0.2.1"));
}

}  // namespace
}  // namespace billhook::net::trusted_proxies_test
