#include "net/trusted_proxies.h"

#include <algorithm>
#include <charconv>

#include "net/http_syntax.h"

namespace billhook::net {
namespace {

/// The list that all fields of that name make together (RFC 9110 section 5.3).
std::vector<std::string_view> elements_of(Headers const& headers, std::string_view name) {
    std::vector<std::string_view> elements;
    for (auto const& [field, value] : headers.fields()) {
        if (!same_word(field, name)) continue;
        std::string_view rest = value;
        for (;;) {
            auto const comma = rest.find(',');
            elements.push_back(trim(rest.substr(0, comma)));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return elements;
}

/// Some proxies add the port: "192.0.2.7:1234", "[2001:db8::1]:1234".
std::string_view without_port(std::string_view text) {
    if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
    bool const has_one_colon = std::ranges::count(text, ':') == 1;
    return has_one_colon ? text.substr(0, text.find(':')) : text;
}

bool is_within(IpAddress const& address, IpAddress const& network, int bits) {
    int const whole = bits / 8, rest = bits % 8;
    if (!std::equal(address.begin(), address.begin() + whole, network.begin())) return false;
    if (rest == 0) return true;
    auto const mask = static_cast<unsigned char>(0xff << (8 - rest));
    auto const at = static_cast<std::size_t>(whole);
    return (address[at] & mask) == (network[at] & mask);
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::vector<std::string> const& texts) {
    TrustedProxies proxies;
    for (std::string_view const text : texts) {
        auto const slash = text.find('/');
        auto const address = parse_ip_address(text.substr(0, slash));
        int const bits_max = address && is_ipv4(*address) ? 32 : 128;
        int bits = bits_max;
        bool is_valid = address.has_value();
        if (is_valid && slash != std::string_view::npos) {
            auto const digits = text.substr(slash + 1);
            auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
            is_valid = error == std::errc{} && end == digits.data() + digits.size() && bits >= 0 && bits <= bits_max;
        }
        if (!is_valid)
            return fail(invalid(
                "trusted_proxies",
                "expected an address or a network, like 192.0.2.7 or 10.0.0.0/8, not '" + std::string(text) + "'"));
        proxies.networks_.push_back({*address, bits + 128 - bits_max});
    }
    return proxies;
}

bool TrustedProxies::contains(std::string_view address) const {
    if (networks_.empty()) return false;
    auto const bytes = parse_ip_address(address);
    return bytes && contains(*bytes);
}

bool TrustedProxies::contains(IpAddress const& address) const {
    return std::ranges::any_of(
        networks_, [&](Network const& network) { return is_within(address, network.address, network.bits); });
}

std::string TrustedProxies::client_of(HttpRequest const& request) const {
    std::string client = request.remote_address;
    if (!contains(client)) return client;
    auto const passed_on = elements_of(request.headers, "X-Forwarded-For");
    // From the nearest machine outwards, for as long as each is one of ours: what stands beyond is the client's to
    // write.
    for (auto each = passed_on.rbegin(); each != passed_on.rend() && contains(client); ++each) {
        auto const address = without_port(*each);
        if (!parse_ip_address(address)) break;
        client = address;
    }
    return client;
}

bool TrustedProxies::says_plain_http(HttpRequest const& request) const {
    if (!contains(request.remote_address)) return false;
    auto const schemes = elements_of(request.headers, "X-Forwarded-Proto");
    return !schemes.empty() && same_word(schemes.back(), "http");
}

}  // namespace billhook::net
