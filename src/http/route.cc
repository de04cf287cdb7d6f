#include "http/route.h"

#include <optional>

#include "net/form.h"

namespace billhook::http {
namespace {

using Parameters = std::map<std::string, std::string, std::less<>>;

std::string_view take_segment(std::string_view& path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    auto const slash = path.find('/');
    std::string_view const segment = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
    return segment;
}

std::optional<Parameters> match_pattern(std::string_view pattern, std::string_view path) {
    Parameters parameters;
    while (!pattern.empty() && !path.empty()) {
        std::string_view const expected = take_segment(pattern);
        std::string_view const segment = take_segment(path);
        if (expected.starts_with('{')) {
            if (segment.empty()) return std::nullopt;
            parameters.emplace(expected.substr(1, expected.size() - 2), net::percent_decode(segment));
        } else if (expected != segment) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return parameters;
}

}  // namespace

Match match(std::vector<Route> const& table, std::string_view method, std::string_view path) {
    if (method == "HEAD") method = "GET";
    Match best;
    for (auto const& route : table) {
        auto parameters = match_pattern(route.pattern, path);
        if (!parameters) continue;
        if (route.method != method) {
            best.allow += (best.allow.empty() ? "" : ", ") + std::string(route.method);
        } else if (!best.route || parameters->size() < best.path.size()) {
            best.route = &route;
            best.path = std::move(*parameters);
        }
    }
    return best;
}

}  // namespace billhook::http
