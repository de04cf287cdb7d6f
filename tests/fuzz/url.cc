// Addresses: what is accepted has one reading; rebuilt from its parts it is the same address, and its origin is its
// own.

#include "net/url.h"

#include "tests/fuzz/property.h"

namespace billhook::fuzz {

void try_input(std::string_view input) {
    auto const url = net::parse_url(input, "success_url");
    if (!url) {
        hold(
            url.error().kind == ErrorKind::invalid && url.error().field == "success_url" && !url.error().detail.empty(),
            "a refusal names the field and says why");
        hold(!net::is_within_origins(input, std::vector<std::string>{"https://example.com"}),
             "what cannot be read is within no origin");
        return;
    }
    hold(url->scheme == "http" || url->scheme == "https", "only http and https are read");
    hold(!url->host.empty() && url->port > 0 && url->port < 65536, "an address has a host and a port");
    hold(url->host.find_first_of("@/\\?# \t\r\n") == std::string::npos, "a host is a host");
    hold(url->path.starts_with('/'), "a path begins with a slash");
    for (char const c : input)
        hold(static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '\\', "nothing that browsers repair is read");

    auto const origin = net::origin_of(*url);
    auto rebuilt = origin + url->path;
    if (!url->query.empty()) rebuilt += "?" + url->query;
    if (!url->fragment.empty()) rebuilt += "#" + url->fragment;
    auto const again = net::parse_url(rebuilt);
    hold(again.has_value(), "what is rebuilt from its parts can be read");
    hold(*again == *url, "and is the same address");
    hold(net::is_within_origins(input, std::vector<std::string>{origin}), "an address is within its own origin");
    hold(!net::is_within_origins(input, std::vector<std::string>{origin + "0"}), "and within no other");
}

}  // namespace billhook::fuzz
