#include "net/url.h"

#include <gtest/gtest.h>

#include <array>

namespace billhook::net::url_test {
namespace {

TEST(Url, ReadsItsParts) {
    struct Case {
        char const* text;
        Url url;
        char const* origin;
    };
    Case const cases[] = {
        {"https://example.com", {"https", "example.com", 443, "/", "", ""}, "https://example.com"},
        {"HTTPS://Example.COM/A?b=C#D", {"https", "example.com", 443, "/A", "b=C", "D"}, "https://example.com"},
        {"https://example.com:443/", {"https", "example.com", 443, "/", "", ""}, "https://example.com"},
        {"http://example.com:443/", {"http", "example.com", 443, "/", "", ""}, "http://example.com:443"},
        {"http://localhost:8080/x/y", {"http", "localhost", 8080, "/x/y", "", ""}, "http://localhost:8080"},
        {"http://127.0.0.1:1", {"http", "127.0.0.1", 1, "/", "", ""}, "http://127.0.0.1:1"},
        {"http://[::1]:8080/", {"http", "::1", 8080, "/", "", ""}, "http://[::1]:8080"},
        {"http://[0:0::0001]", {"http", "::1", 80, "/", "", ""}, "http://[::1]"},
        {"https://a.b?x=/@:#?", {"https", "a.b", 443, "/", "x=/@:", "?"}, "https://a.b"},
        {"https://a.b/c@d:e", {"https", "a.b", 443, "/c@d:e", "", ""}, "https://a.b"},
        {"https://a.b/ok?session_id={CHECKOUT_SESSION_ID}",
         {"https", "a.b", 443, "/ok", "session_id={CHECKOUT_SESSION_ID}", ""},
         "https://a.b"},
        {"https://xn--mnchen-3ya.de/%C3%BC",
         {"https", "xn--mnchen-3ya.de", 443, "/%C3%BC", "", ""},
         "https://xn--mnchen-3ya.de"},
    };
    for (auto const& c : cases) {
        auto const url = parse_url(c.text);
        ASSERT_TRUE(url) << c.text << ": " << url.error().detail;
        EXPECT_EQ(*url, c.url) << c.text;
        EXPECT_EQ(origin_of(*url), c.origin) << c.text;
    }
}

TEST(Url, RefusesWhatTwoReadersCouldReadDifferently) {
    char const* const cases[] = {
        "",
        "/path",
        "//example.com",
        "example.com",
        "javascript:alert(1)",
        "ftp://example.com",
        "https:example.com",
        "https:/example.com",
        "https:///example.com",
        "https://",
        "https://?x",
        "https://#x",
        "https:\\\\example.com",
        // User information, in the ways that have fooled readers before.
        "https://example.com@evil.test",
        "https://user:pass@example.com",
        "https://@example.com",
        "https://example.com:443@evil.test/",
        "https://example.com%40evil.test",
        // Backslashes are slashes to a browser.
        "https://evil.test\\@example.com",
        "https://evil.test\\.example.com",
        "https://example.com\\evil",
        "https://example.com/a\\b",
        // Tabs and line ends are dropped by a browser.
        "https://exa\tmple.com",
        "https://example.com\n",
        " https://example.com",
        "https://example.com/a b",
        "https://example.com/\x01",
        "https://example.com/\x7f",
        "https://ex\xC3\xA4mple.com",
        "https://example.com/\xC3\xA4",
        // Ports.
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:+80",
        "https://example.com:80a",
        "https://example.com:80:80",
        "https://::1/",
        // Hosts.
        "https://.example.com",
        "https://a..b",
        "https://%65xample.com",
        "https://exam$ple.com",
        "https://[::1",
        "https://::1]",
        "https://[::1]x",
        "https://[example.com]",
        "https://[::g]",
        "https://[127.0.0.1]",
        // Numbers that a browser would take for an address.
        "https://2130706433",
        "https://0x7f.0.0.1",
        "https://127.1",
        "https://127.0.0.1.",
        "https://0177.0.0.1",
        "https://1.2.3.4.5",
        "https://256.1.1.1",
    };
    for (auto const* text : cases) {
        auto const url = parse_url(text, "return_url");
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().kind, ErrorKind::invalid);
        EXPECT_EQ(url.error().field, "return_url");
    }
    EXPECT_FALSE(parse_url("https://example.com/" + std::string(9000, 'a')));
    EXPECT_FALSE(parse_url("https://" + std::string(254, 'a')));
    EXPECT_FALSE(parse_url(std::string_view("https://example.com/\0x", 22)));
}

TEST(Url, ComparesOrigins) {
    std::array<std::string, 2> const origins{"https://app.example.com", "http://localhost:5173"};
    struct Case {
        char const* url;
        bool is_within;
    };
    Case const cases[] = {
        {"https://app.example.com", true},
        {"https://APP.example.com:443/billing?x#y", true},
        {"http://localhost:5173/done", true},
        {"http://app.example.com/", false},
        {"https://app.example.com:8443/", false},
        {"https://app.example.com.evil.test/", false},
        {"https://evil.test/https://app.example.com", false},
        {"https://app.example.com@evil.test/", false},
        {"https://evilapp.example.com", false},
        {"https://example.com", false},
        {"http://localhost", false},
        {"https://app.example.com./", false},
        {"/done", false},
    };
    for (auto const& c : cases) EXPECT_EQ(is_within_origins(c.url, origins), c.is_within) << c.url;
    EXPECT_FALSE(is_within_origins("https://app.example.com", {}));
}

}  // namespace
}  // namespace billhook::net::url_test
