#pragma once
// TrustedProxies: whose X-Forwarded-For and X-Forwarded-Proto are believed. Anybody can write such a header; it says
// something only where the machine that passed it on is one that the operator named.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_message.h"
#include "net/ip_address.h"

namespace billhook::net {

class TrustedProxies {
  public:
    /// Addresses and networks: "192.0.2.7", "10.0.0.0/8", "::1", "fd00::/8". Errors: invalid "trusted_proxies".
    static Result<TrustedProxies> parse(std::vector<std::string> const& texts);

    bool contains(std::string_view address) const;
    bool contains(IpAddress const& address) const;
    /// Who asks: the peer; where that is a trusted proxy, the last address of X-Forwarded-For that is none of ours.
    std::string client_of(HttpRequest const& request) const;
    /// Did a trusted proxy say that the client spoke plain HTTP to it?
    bool says_plain_http(HttpRequest const& request) const;

  private:
    struct Network {
        IpAddress address;
        int bits;
    };
    std::vector<Network> networks_;
};

}  // namespace billhook::net
