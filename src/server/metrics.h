#pragma once
// Metrics in Prometheus' text form. Counters are fed where things happen, gauges are asked for when somebody looks.
// Thread-safe.

#include <functional>
#include <memory>
#include <string>

#include "gateway/stripe/metrics.h"

namespace billhook::server {

class Metrics : public stripe::StripeMetrics {
  public:
    Metrics();
    ~Metrics() override;

    void record_attempt(std::string_view method, std::string_view endpoint, int status, Duration latency) override;
    void record_retry(std::string_view endpoint, std::string_view cause) override;
    void record_rate_limit(std::string_view endpoint, std::string_view reason) override;
    void record_circuit_refusal(std::string_view endpoint) override;

    /// An event or a message was given up.
    void record_dead_letter(std::string_view queue);
    /// A value that is read when the metrics are asked for.
    void add_gauge(std::string name, std::string help, std::function<double()> read);
    std::string text() const;

  private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace billhook::server
