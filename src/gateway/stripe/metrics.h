#pragma once
// StripeMetrics: what the client tells about its calls. The server counts it for /metrics. Thread-safe.

#include <string_view>

#include "base/timestamp.h"

namespace billhook::stripe {

class StripeMetrics {
  public:
    virtual ~StripeMetrics() = default;
    /// One attempt. `endpoint` is the template ("/v1/subscriptions/{id}"); status 0 where no answer came.
    virtual void record_attempt(std::string_view method, std::string_view endpoint, int status, Duration latency) = 0;
    /// `cause`: connect_failed, timeout, connection_lost, conflict, rate_limited, server_error.
    virtual void record_retry(std::string_view endpoint, std::string_view cause) = 0;
    /// A 429; `reason` is Stripe-Rate-Limited-Reason, empty where it did not say.
    virtual void record_rate_limit(std::string_view endpoint, std::string_view reason) = 0;
    /// A call that was refused because the circuit is open.
    virtual void record_circuit_refusal(std::string_view endpoint) = 0;
};

/// Counts nothing.
class SilentMetrics : public StripeMetrics {
  public:
    void record_attempt(std::string_view, std::string_view, int, Duration) override {}
    void record_retry(std::string_view, std::string_view) override {}
    void record_rate_limit(std::string_view, std::string_view) override {}
    void record_circuit_refusal(std::string_view) override {}
};

}  // namespace billhook::stripe
