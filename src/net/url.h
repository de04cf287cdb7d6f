#pragma once
// Absolute http and https addresses, read strictly. A return address is sent to a browser, and browsers repair what is
// malformed (backslashes, control characters, user information), so that what looked like our origin leads elsewhere.
// Whatever two readers could understand differently is therefore refused instead of repaired.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace billhook::net {

struct Url {
    std::string scheme;    // "http" or "https"
    std::string host;      // lower case; an IPv6 address is shortened and without its brackets
    int port = 0;          // the scheme's own where none was written
    std::string path;      // starts with '/', still percent-encoded
    std::string query;     // after '?', raw
    std::string fragment;  // after '#', raw

    bool operator==(Url const&) const = default;
};

/// `{` and `}` are let through: Stripe's success_url carries {CHECKOUT_SESSION_ID}. Errors are `invalid` for `field`.
Result<Url> parse_url(std::string_view text, std::string_view field = "url");

/// "https://example.com", with ":port" only where it is not the scheme's own.
std::string origin_of(Url const& url);
Result<std::string> origin_of(std::string_view url, std::string_view field = "url");

/// Is the url valid, and its origin one of these? The origins are normalised as origin_of() gives them.
bool is_within_origins(std::string_view url, std::span<std::string const> origins);

}  // namespace billhook::net
