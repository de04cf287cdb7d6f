#include "tests/simulation/stripe_link.h"

#include <array>

#include "base/json.h"

namespace billhook::simulation {
namespace {

struct Kind {
    char const* name;
    int FaultPlan::* chance;
};

// In the sandbox's own words.
constexpr std::array kinds{
    Kind{"rate_limit", &FaultPlan::rate_limit},     Kind{"lock_timeout", &FaultPlan::lock_timeout},
    Kind{"server_error", &FaultPlan::server_error}, Kind{"error_answer", &FaultPlan::error_answer},
    Kind{"lose_request", &FaultPlan::lose_request}, Kind{"lose_answer", &FaultPlan::lose_answer},
    Kind{"kept_error", &FaultPlan::kept_error},
};

std::string path_of(std::string const& target) {
    auto const scheme = target.find("://");
    if (scheme == std::string::npos) return target;
    return target.substr(target.find('/', scheme + 3));
}

}  // namespace

void StripeLink::set_faults(FaultPlan const& plan) {
    plan_ = plan;
    burst_left_ = 0;
}

char const* StripeLink::choose_fault() {
    if (burst_left_ > 0) {
        --burst_left_;
        return burst_fault_;
    }
    int below = 0;
    auto const drawn = static_cast<int>(random_.below(1000));
    for (auto const& kind : kinds) {
        below += plan_.*kind.chance;
        if (drawn >= below) continue;
        burst_fault_ = kind.name;
        if (random_.below(1000) < static_cast<std::uint64_t>(plan_.burst))
            burst_left_ = 2 + static_cast<int>(random_.below(12));
        return kind.name;
    }
    return nullptr;
}

/// For the next request alone.
void StripeLink::ask_for(std::string const& fault) {
    net::HttpRequest rule{.method = "POST", .target = "/_sandbox/faults"};
    rule.body = fault.empty() ? R"({"requests":[]})" : R"({"requests":[{"fault":")" + fault + R"(","times":1}]})";
    sandbox_.handle(rule);
}

Result<net::HttpResponse> StripeLink::send(net::HttpRequest const& request, Duration timeout) {
    auto const what = request.method + " " + path_of(request.target);
    stopper_.pass("a call that is to come: " + what);
    auto const* fault = choose_fault();
    if (fault) {
        trace_.count(std::string("fault ") + fault);
        ask_for(fault);
    }
    auto response = direct_.send(request, timeout);
    if (fault) ask_for("");
    trace_.count("calls");
    trace_.line("call " + what + " " + (response ? std::to_string(response->status) : response.error().reason) +
                (fault ? std::string(" ") + fault : ""));
    if (!response) {
        // Half of what gets no answer is a connection that breaks, half a time-out.
        if (random_.below(2) == 0) {
            clock_.set(clock_.now() + timeout);
            response = fail(unavailable("timeout", "no answer in time"));
        }
    }
    stopper_.pass("a call that was made: " + what);
    return response;
}

Result<net::HttpResponse> WebhookLink::send(net::HttpRequest const& request, Duration) {
    auto local = request;
    local.target = path_of(request.target);
    auto const event = parse_json(request.body, {.depth_max = 64, .bytes_max = request.body.size()});
    auto const name = event ? string_or(*event, "id") + " " + string_or(*event, "type") : "no event";
    auto const response = answer_(local);
    trace_.count("deliveries");
    trace_.line("event " + name + " " + (response ? std::to_string(response->status) : "nobody there"));
    if (!response) return fail(unavailable("connect_failed", "the process is not there"));
    if (random_.below(1000) < static_cast<std::uint64_t>(plan_.lose_receipt)) {
        trace_.count("fault lose_receipt");
        return fail(unavailable("connection_lost", "lost on the way back"));
    }
    return *response;
}

}  // namespace billhook::simulation
