#include "net/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace billhook::net {
namespace {

constexpr std::size_t ipv4_at = 12;  // behind the prefix

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    std::string const terminated(text);
    IpAddress address{};
    if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
    address = mapped_ipv4;
    if (inet_pton(AF_INET, terminated.c_str(), address.data() + ipv4_at) == 1) return address;
    return std::nullopt;
}

bool is_ipv4(IpAddress const& address) {
    return std::equal(mapped_ipv4.begin(), mapped_ipv4.begin() + ipv4_at, address.begin());
}

std::string to_text(IpAddress const& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (is_ipv4(address))
        inet_ntop(AF_INET, address.data() + ipv4_at, text, sizeof text);
    else
        inet_ntop(AF_INET6, address.data(), text, sizeof text);
    return text;
}

IpAddress household_of(IpAddress address) {
    if (!is_ipv4(address)) std::fill(address.begin() + 8, address.end(), 0);
    return address;
}

}  // namespace billhook::net
