#include "net/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace billhook::net {
namespace {

constexpr std::array<unsigned char, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    std::string const terminated(text);
    IpAddress address{};
    if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
    std::ranges::copy(mapped_prefix, address.begin());
    if (inet_pton(AF_INET, terminated.c_str(), address.data() + mapped_prefix.size()) == 1) return address;
    return std::nullopt;
}

bool is_ipv4(IpAddress const& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
}

IpAddress household_of(IpAddress address) {
    if (!is_ipv4(address)) std::fill(address.begin() + 8, address.end(), 0);
    return address;
}

}  // namespace billhook::net
