#include "net/listen_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace billhook::net {

Result<ListenAddress> parse_listen_address(std::string_view text) {
    auto const refuse = [&] {
        return fail(invalid("listen", "expected an IP address and a port, like 127.0.0.1:8080 or [::1]:8080, not \"" +
                                          std::string(text) + "\""));
    };
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse();
    auto const host = text.substr(0, colon), digits = text.substr(colon + 1);
    ListenAddress address;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (error != std::errc{} || end != digits.data() + digits.size()) return refuse();

    bool const is_bracketed = host.starts_with('[') && host.ends_with(']');
    address.ip = host == "localhost" ? "127.0.0.1" : is_bracketed ? host.substr(1, host.size() - 2) : host;
    in6_addr buffer{};
    if (inet_pton(is_bracketed ? AF_INET6 : AF_INET, address.ip.c_str(), &buffer) != 1) return refuse();
    return address;
}

std::string to_text(ListenAddress const& address) {
    bool const is_ipv6 = address.ip.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + address.ip + "]:" : address.ip + ":") + std::to_string(address.port);
}

bool is_loopback(ListenAddress const& address) {
    return address.ip.starts_with("127.") || address.ip == "::1";
}

}  // namespace billhook::net
