#include "http/return_address.h"

#include "net/url.h"

namespace billhook::http {

Result<std::string> check_return_address(std::string_view address, std::vector<std::string> const& allowed_origins,
                                         std::string_view field) {
    if (address.empty() && !allowed_origins.empty()) return allowed_origins.front();
    TRY(net::parse_url(address, field));
    if (net::is_within_origins(address, allowed_origins)) return std::string(address);
    std::string known;
    for (auto const& origin : allowed_origins) known += (known.empty() ? "" : ", ") + origin;
    return fail(invalid(std::string(field), "expected an address within the configured origins: " + known,
                        "origin_not_allowed"));
}

}  // namespace billhook::http
