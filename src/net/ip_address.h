#pragma once
// IP addresses as bytes: to compare them with networks, and to count who asks.

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace billhook::net {

/// IPv4 addresses are mapped into IPv6 (::ffff:a.b.c.d).
using IpAddress = std::array<unsigned char, 16>;

inline constexpr IpAddress mapped_ipv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};

std::optional<IpAddress> parse_ip_address(std::string_view text);
/// IPv4 addresses in their own spelling.
std::string to_text(IpAddress const& address);
bool is_ipv4(IpAddress const& address);
/// Who is counted as one: an IPv4 address, or the first 64 bits of an IPv6 address; one household has all below those.
IpAddress household_of(IpAddress address);

}  // namespace billhook::net
