#include "net/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace billhook::net {
namespace {

constexpr std::size_t url_bytes_max = 8192;
constexpr std::size_t host_bytes_max = 253;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, lower);
}

bool is_visible_and_unambiguous(char c) {
    return c > ' ' && c < 0x7F && std::string_view("\\\"<>^`|").find(c) == std::string_view::npos;
}

std::optional<std::string> normalise_ipv6(std::string const& text) {
    in6_addr address{};
    if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
    char out[INET6_ADDRSTRLEN];
    return inet_ntop(AF_INET6, &address, out, sizeof out) ? std::optional<std::string>(out) : std::nullopt;
}

// A name whose last label is a number is an IPv4 address to every browser, in any of half a dozen spellings. Only the
// dotted quad means one thing.
bool is_valid_ipv4(std::string const& text) {
    in_addr address{};
    return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_valid_name(std::string const& name) {
    if (name.empty() || name.size() > host_bytes_max || name.front() == '.') return false;
    auto const is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    if (!std::ranges::all_of(name, is_allowed) || name.find("..") != std::string::npos) return false;
    std::string_view labels = name;
    if (labels.ends_with('.')) labels.remove_suffix(1);
    auto const last = labels.substr(labels.rfind('.') + 1);  // npos + 1 is 0
    if (last.front() >= '0' && last.front() <= '9') return is_valid_ipv4(name);
    return true;
}

std::optional<std::string> read_host(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']'))
        return normalise_ipv6(std::string(text.substr(1, text.size() - 2)));
    std::string name(text);
    std::ranges::transform(name, name.begin(), lower);
    return is_valid_name(name) ? std::optional(name) : std::nullopt;
}

std::optional<int> read_port(std::string_view digits) {
    int port = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    bool const is_number = error == std::errc{} && end == digits.data() + digits.size();
    return is_number && port >= 1 && port <= 65535 ? std::optional(port) : std::nullopt;
}

int default_port(std::string_view scheme) {
    return scheme == "https" ? 443 : 80;
}

}  // namespace

Result<Url> parse_url(std::string_view text, std::string_view field) {
    auto const refuse = [&](char const* detail) { return fail(invalid(std::string(field), detail, "invalid_url")); };
    if (text.size() > url_bytes_max) return refuse("expected an address of at most 8192 bytes");
    if (!std::ranges::all_of(text, is_visible_and_unambiguous))
        return refuse("expected an address without spaces, backslashes, control characters or unescaped non-ASCII");

    Url url;
    if (starts_with_ignoring_case(text, "https://"))
        url.scheme = "https";
    else if (starts_with_ignoring_case(text, "http://"))
        url.scheme = "http";
    else
        return refuse("expected an absolute address that starts with https:// or http://");
    text.remove_prefix(url.scheme.size() + 3);

    auto const hash = std::min(text.find('#'), text.size());
    if (hash < text.size()) url.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
    auto const mark = std::min(text.find('?'), text.size());
    if (mark < text.size()) url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
    auto const slash = std::min(text.find('/'), text.size());
    url.path = slash < text.size() ? text.substr(slash) : "/";
    auto const authority = text.substr(0, slash);

    if (authority.find('@') != std::string_view::npos) return refuse("expected an address without user information");
    auto const bracket = authority.rfind(']');
    auto const colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    auto const host = read_host(authority.substr(0, colon));
    if (!host) return refuse("expected a host name in ASCII, a dotted IPv4 address or an IPv6 address in brackets");
    url.host = *host;
    url.port = default_port(url.scheme);
    if (colon != std::string_view::npos) {
        auto const port = read_port(authority.substr(colon + 1));
        if (!port) return refuse("expected a port from 1 to 65535 after the colon");
        url.port = *port;
    }
    return url;
}

std::string origin_of(Url const& url) {
    bool const is_ipv6 = url.host.find(':') != std::string::npos;
    std::string origin = url.scheme + "://" + (is_ipv6 ? "[" + url.host + "]" : url.host);
    if (url.port != default_port(url.scheme)) origin += ":" + std::to_string(url.port);
    return origin;
}

Result<std::string> origin_of(std::string_view url, std::string_view field) {
    return origin_of(TRY(parse_url(url, field)));
}

bool is_within_origins(std::string_view url, std::span<std::string const> origins) {
    auto const origin = origin_of(url);
    return origin && std::ranges::find(origins, *origin) != origins.end();
}

}  // namespace billhook::net
