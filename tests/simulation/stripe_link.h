#pragma once
// StripeLink: the way from the engine to the sandbox, and from the sandbox's webhooks to the engine. It asks the
// sandbox for a fault where the plan wants one, and lets the process stop on either side of a call.

#include <functional>
#include <optional>

#include "net/http_transport.h"
#include "sandbox/sandbox_transport.h"
#include "tests/simulation/fault_plan.h"
#include "tests/simulation/stopper.h"

namespace billhook::simulation {

class StripeLink : public net::HttpTransport {
  public:
    StripeLink(sandbox::Sandbox& sandbox, ManualClock& clock, RandomSource& random, Stopper& stopper, Trace& trace)
        : sandbox_(sandbox), direct_(sandbox), clock_(clock), random_(random), stopper_(stopper), trace_(trace) {}

    void set_faults(FaultPlan const& plan);
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration timeout) override;

  private:
    char const* choose_fault();
    void ask_for(std::string const& fault);

    sandbox::Sandbox& sandbox_;
    sandbox::SandboxTransport direct_;
    ManualClock& clock_;
    RandomSource& random_;
    Stopper& stopper_;
    Trace& trace_;
    FaultPlan plan_ = FaultPlan::none();
    char const* burst_fault_ = nullptr;
    int burst_left_ = 0;
};

/// What the sandbox's webhooks go through. `answer` is the engine's; nothing where the process is not there.
class WebhookLink : public net::HttpTransport {
  public:
    using Answer = std::function<std::optional<net::HttpResponse>(net::HttpRequest const&)>;

    WebhookLink(RandomSource& random, Trace& trace, Answer answer)
        : random_(random), trace_(trace), answer_(std::move(answer)) {}

    void set_faults(FaultPlan const& plan) { plan_ = plan; }
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration timeout) override;

  private:
    RandomSource& random_;
    Trace& trace_;
    Answer const answer_;
    FaultPlan plan_ = FaultPlan::none();
};

}  // namespace billhook::simulation
