#include "sandbox/core/registry.h"

#include "base/check.h"
#include "base/log.h"
#include "net/form.h"

namespace billhook::sandbox {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
    std::vector<std::string> parts;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (true) {
        auto const slash = path.find('/');
        parts.emplace_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

std::string shape_key(std::string_view method, std::size_t segments) {
    return std::string(method) + " " + std::to_string(segments);
}

bool is_parameter(std::string const& segment) {
    return segment.starts_with('{');
}

// How many literal segments match, or -1.
int fit(Route const& route, std::vector<std::string> const& segments) {
    int literals = 0;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (is_parameter(route.segments[i])) {
            if (segments[i].empty()) return -1;
            continue;
        }
        if (route.segments[i] != segments[i]) return -1;
        ++literals;
    }
    return literals;
}

}  // namespace

Registry::Registry(Surface const& surface) : surface_(surface) {
    for (auto const& operation : surface_.operations()) add(operation.method, operation.path).operation = &operation;
}

Route& Registry::add(std::string_view method, std::string_view path) {
    auto& route = *routes_.emplace_back(std::make_unique<Route>());
    route.method = method;
    route.segments = segments_of(path);
    by_shape_[shape_key(method, route.segments.size())].push_back(&route);
    return route;
}

void Registry::on(std::string_view operation, Handler handler) {
    auto const space = operation.find(' ');
    auto const* known = surface_.find_operation(operation.substr(0, space), operation.substr(space + 1));
    if (!known) log(LogLevel::error, "the surface has no such operation", {{"operation", operation}});
    CHECK(known != nullptr);
    for (auto& route : routes_)
        if (route->operation == known) {
            CHECK(!route->handler);
            route->handler = std::move(handler);
            return;
        }
}

void Registry::on_due(std::string_view kind, DueHandler handler) {
    CHECK(due_.emplace(std::string(kind), std::move(handler)).second);
}

void Registry::on_page(std::string_view method_and_path, PageHandler handler) {
    auto const space = method_and_path.find(' ');
    add(method_and_path.substr(0, space), method_and_path.substr(space + 1)).page = std::move(handler);
}

Route const* Registry::match(std::string_view method, std::string_view path, PathIds& ids) const {
    auto segments = segments_of(path);
    for (auto& segment : segments) segment = net::percent_decode(segment);
    auto const at = by_shape_.find(shape_key(method, segments.size()));
    if (at == by_shape_.end()) return nullptr;
    Route const* best = nullptr;
    int best_fit = -1;
    for (auto const* route : at->second)
        if (int const literals = fit(*route, segments); literals > best_fit) {
            best = route;
            best_fit = literals;
        }
    if (!best) return nullptr;
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (auto const& name = best->segments[i]; is_parameter(name))
            ids[name.substr(1, name.size() - 2)] = segments[i];
    return best;
}

DueHandler const* Registry::find_due(std::string_view kind) const {
    auto const at = due_.find(kind);
    return at == due_.end() ? nullptr : &at->second;
}

std::vector<std::string> Registry::unanswered() const {
    std::vector<std::string> names;
    for (auto const& route : routes_)
        if (route->operation && !route->handler)
            names.push_back(route->method + " " + std::string(route->operation->path));
    return names;
}

}  // namespace billhook::sandbox
