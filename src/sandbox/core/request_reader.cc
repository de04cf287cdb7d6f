#include "sandbox/core/request_reader.h"

#include <algorithm>

#include "base/digest.h"
#include "net/form.h"

namespace billhook::sandbox {
namespace {

bool is_test_key(std::string_view key) {
    if (!key.starts_with("sk_test_") && !key.starts_with("rk_test_")) return false;
    key.remove_prefix(8);
    return !key.empty() && std::ranges::all_of(key, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// Enough of a wrong key to recognise it, never all of it.
std::string masked(std::string const& key) {
    return key.size() <= 12 ? std::string(key.size(), '*')
                            : key.substr(0, 8) + std::string(key.size() - 12, '*') + key.substr(key.size() - 4);
}

ApiError unauthenticated(std::string message) {
    return {401, "invalid_request_error", "", std::move(message), ""};
}

}  // namespace

std::string credential_of(net::HttpRequest const& request) {
    auto const header = request.headers.get_or("Authorization");
    if (header.starts_with("Bearer ")) return header.substr(7);
    if (!header.starts_with("Basic ")) return {};
    auto const decoded = from_base64(header.substr(6));
    return decoded ? decoded->substr(0, decoded->find(':')) : std::string{};
}

Answer<void> authenticate(net::HttpRequest const& request, Settings const& settings) {
    auto const key = credential_of(request);
    if (key.empty())
        return refuse(
            unauthenticated("You did not provide an API key. You need to provide your API key in the Authorization "
                            "header, using Bearer "
                            "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."));
    bool const is_known =
        settings.keys.empty() ? is_test_key(key) : std::ranges::find(settings.keys, key) != settings.keys.end();
    if (!is_known) return refuse(unauthenticated("Invalid API Key provided: " + masked(key)));
    return {};
}

Answer<void> check_version(net::HttpRequest const& request, Surface const& surface) {
    auto const version = request.headers.find("Stripe-Version");
    if (!version || surface.knows_version(*version)) return {};
    return refuse(bad_request("Invalid Stripe API version: " + std::string(*version) + ". The sandbox speaks " +
                              std::string(surface.version()) + "."));
}

Answer<JsonObject> raw_parameters(net::HttpRequest const& request) {
    auto const refused = [](Error const& error) { return refuse(bad_request(error.detail, error.field)); };
    auto query = net::parse_form(request.query());
    if (!query) return refused(query.error());
    if (request.body.empty() || request.method == "GET") return std::move(*query);
    if (request.path().starts_with("/v2/")) {
        auto body = parse_json(request.body);
        if (!body) return refused(body.error());
        if (!body->is_object()) return refuse(bad_request("Expected a JSON object."));
        return std::move(body->get_object());
    }
    auto body = net::parse_form(request.body);
    if (!body) return refused(body.error());
    for (auto& [key, value] : *query)
        if (!body->contains(key)) (*body)[key] = value;
    return std::move(*body);
}

}  // namespace billhook::sandbox
