#include "sandbox/surface/validating_transport.h"

#include "sandbox/surface/shape.h"

namespace billhook::sandbox {
namespace {

constexpr JsonLimits generous{.depth_max = 64, .bytes_max = 1 << 26};

std::string_view path_of(std::string_view target) {
    if (auto const scheme = target.find("://"); scheme != std::string_view::npos) {
        auto const slash = target.find('/', scheme + 3);
        target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    return target.substr(0, target.find('?'));
}

// What expand may add anywhere is part of the shapes; an error has one shape for all operations.
std::vector<std::string> error_violations(Json const& body) {
    std::vector<std::string> found;
    if (!find_string(body, "error.type")) found.push_back("$.error.type: missing");
    if (!find_string(body, "error.message")) found.push_back("$.error.message: missing");
    return found;
}

}  // namespace

Result<net::HttpResponse> ValidatingTransport::send(net::HttpRequest const& request, Duration timeout) {
    auto response = inner_.send(request, timeout);
    if (request.headers.find("Stripe-Signature")) judge_event(request);
    if (response) judge_answer(request, *response);
    return response;
}

void ValidatingTransport::judge_event(net::HttpRequest const& request) {
    auto const event = parse_json(request.body, generous);
    if (!event) return report("webhook", {"the body is not JSON"});
    if (string_or(*event, "object") == "event" && !is_older(string_or(*event, "api_version")))
        report("event " + string_or(*event, "id"), event_violations(surface_, *event));
}

void ValidatingTransport::judge_answer(net::HttpRequest const& request, net::HttpResponse const& response) {
    PathIds ids;
    auto const* route = routes_.match(request.method, path_of(request.target), ids);
    if (!route || !route->operation) return;
    auto const where = request.method + " " + request.target + " -> " + std::to_string(response.status);
    auto const body = parse_json(response.body, generous);
    if (!body) return report(where, {"the body is not JSON"});
    if (response.status >= 400) return report(where, error_violations(*body));
    if (is_older(response.headers.get_or("Stripe-Version"))) return;
    auto const* answer = route->operation->answer;
    report(where, violations(*answer, *body));
    auto const* data = find(*body, "data");
    if (route->operation->path != "/v1/events" || !data || !data->is_array()) return;
    for (auto const& event : data->get_array()) report(where, event_violations(surface_, event));
}

// The shapes of older versions are not among the facts of the surface.
bool ValidatingTransport::is_older(std::string_view version) const {
    return version != surface_.version() && surface_.knows_version(version);
}

void ValidatingTransport::report(std::string const& where, std::vector<std::string> const& violations) {
    std::lock_guard const lock(mutex_);
    for (auto const& violation : violations) violations_.push_back(where + ": " + violation);
}

std::vector<std::string> ValidatingTransport::take_violations() {
    std::lock_guard const lock(mutex_);
    return std::exchange(violations_, {});
}

}  // namespace billhook::sandbox
