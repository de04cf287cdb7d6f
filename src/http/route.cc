#include "http/route.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "net/form.h"
#include "net/utf8.h"

namespace billhook::http {
namespace {

std::string_view take_segment(std::string_view& path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    auto const slash = path.find('/');
    std::string_view const segment = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
    return segment;
}

/// Does the path begin so? The last character is compared first: prefixes of one table differ there, and in their
/// length.
bool begins_with(std::string_view path, std::string_view prefix) {
    return path.size() > prefix.size() && path[prefix.size() - 1] == prefix.back() && path.starts_with(prefix);
}

std::optional<PathParameters> match_pattern(std::string_view pattern, std::string_view path) {
    PathParameters parameters;
    while (!pattern.empty() && !path.empty()) {
        std::string_view const expected = take_segment(pattern);
        std::string_view const segment = take_segment(path);
        if (expected.starts_with('{')) {
            auto decoded = net::percent_decode(segment);
            if (decoded.empty() || !net::is_plain_text(decoded)) return std::nullopt;  // nothing is named so
            parameters.add(expected.substr(1, expected.size() - 2), std::move(decoded));
        } else if (expected != segment) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return parameters;
}

/// The table, so arranged that a request compares its path with few patterns: those without parameters by their text,
/// the others by what stands before the first parameter.
class RouteIndex {
  public:
    explicit RouteIndex(std::span<Route const> table) {
        for (auto const& route : table) {
            auto const brace = route.pattern.find('{');
            if (brace == std::string_view::npos)
                literal_[route.pattern].push_back(&route);
            else
                with_parameters_.push_back({route.pattern.substr(0, brace), &route});
        }
    }

    Match find(std::string_view method, std::string_view path) const {
        Match match;
        if (auto const found = literal_.find(path); found != literal_.end())
            for (auto const* route : found->second) consider(match, *route, method, {});
        if (match.route) return match;
        for (auto const& [prefix, route] : with_parameters_) {
            if (!begins_with(path, prefix)) continue;
            auto const known = prefix.size() - 1;  // but for its last slash
            auto parameters = match_pattern(route->pattern.substr(known), path.substr(known));
            if (parameters) consider(match, *route, method, std::move(*parameters));
        }
        return match;
    }

  private:
    struct WithParameters {
        std::string_view prefix;
        Route const* route;
    };

    static void consider(Match& match, Route const& route, std::string_view method, PathParameters parameters) {
        if (route.method != method) {
            match.allow += (match.allow.empty() ? "" : ", ") + std::string(route.method);
            if (route.method == "GET") match.allow += ", HEAD";
        } else if (!match.route || parameters.size() < match.path.size()) {
            match.route = &route;
            match.path = std::move(parameters);
        }
    }

    std::unordered_map<std::string_view, std::vector<Route const*>> literal_;
    std::vector<WithParameters> with_parameters_;
};

}  // namespace

void PathParameters::add(std::string_view name, std::string value) {
    CHECK(size_ < parameters_.size());
    parameters_[size_++] = {name, std::move(value)};
}

std::string const& PathParameters::at(std::string_view name) const {
    auto const end = parameters_.begin() + static_cast<std::ptrdiff_t>(size_);
    auto const found = std::find_if(parameters_.begin(), end, [&](auto const& each) { return each.name == name; });
    CHECK(found != end);
    return found->value;
}

Match match(std::string_view method, std::string_view path) {
    static RouteIndex const index(routes());
    return index.find(method == "HEAD" ? "GET" : method, path);
}

}  // namespace billhook::http
