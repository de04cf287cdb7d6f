#pragma once
// Where a server listens: an IP address and a port.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace billhook::net {

struct ListenAddress {
    std::string ip;  // without brackets
    std::uint16_t port = 0;
};

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (127.0.0.1). Errors are `invalid` for "listen".
Result<ListenAddress> parse_listen_address(std::string_view text);
std::string to_text(ListenAddress const& address);
/// Can only this machine reach it? Off loopback, plain HTTP shows every key to the network.
bool is_loopback(ListenAddress const& address);

}  // namespace billhook::net
