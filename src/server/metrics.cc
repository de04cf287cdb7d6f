#include "server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <vector>

namespace billhook::server {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

struct AskedGauge {
    prometheus::Gauge* gauge;
    std::function<double()> read;
};

}  // namespace

struct Metrics::Families {
    prometheus::Registry registry;
    Family<Counter>& attempts = prometheus::BuildCounter()
                                    .Name("billhook_stripe_requests_total")
                                    .Help("Requests sent to Stripe, by endpoint and status (0: no answer)")
                                    .Register(registry);
    Family<Histogram>& latency = prometheus::BuildHistogram()
                                     .Name("billhook_stripe_request_seconds")
                                     .Help("How long Stripe took to answer")
                                     .Register(registry);
    Family<Counter>& retries = prometheus::BuildCounter()
                                   .Name("billhook_stripe_retries_total")
                                   .Help("Requests to Stripe that were sent again, by cause")
                                   .Register(registry);
    Family<Counter>& rate_limits = prometheus::BuildCounter()
                                       .Name("billhook_stripe_rate_limited_total")
                                       .Help("Answers 429 of Stripe, by reason")
                                       .Register(registry);
    Family<Counter>& refusals = prometheus::BuildCounter()
                                    .Name("billhook_stripe_circuit_refusals_total")
                                    .Help("Requests that were not sent because the circuit is open")
                                    .Register(registry);
    Family<Counter>& dead_letters = prometheus::BuildCounter()
                                        .Name("billhook_dead_letters_total")
                                        .Help("Events and messages that were given up, by queue")
                                        .Register(registry);
    mutable std::mutex mutex;
    std::vector<AskedGauge> asked;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::record_attempt(std::string_view method, std::string_view endpoint, int status, Duration latency) {
    prometheus::Labels const labels{{"method", std::string(method)}, {"endpoint", std::string(endpoint)}};
    auto counted = labels;
    counted["status"] = std::to_string(status);
    families_->attempts.Add(counted).Increment();
    static Histogram::BucketBoundaries const bounds{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
    families_->latency.Add(labels, bounds).Observe(static_cast<double>(latency.ms) / 1000.0);
}

void Metrics::record_retry(std::string_view endpoint, std::string_view cause) {
    families_->retries.Add({{"endpoint", std::string(endpoint)}, {"cause", std::string(cause)}}).Increment();
}

void Metrics::record_rate_limit(std::string_view endpoint, std::string_view reason) {
    families_->rate_limits.Add({{"endpoint", std::string(endpoint)}, {"reason", std::string(reason)}}).Increment();
}

void Metrics::record_circuit_refusal(std::string_view endpoint) {
    families_->refusals.Add({{"endpoint", std::string(endpoint)}}).Increment();
}

void Metrics::record_dead_letter(std::string_view queue) {
    families_->dead_letters.Add({{"queue", std::string(queue)}}).Increment();
}

void Metrics::add_gauge(std::string name, std::string help, std::function<double()> read) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(families_->registry);
    std::lock_guard const lock(families_->mutex);
    families_->asked.push_back({&family.Add({}), std::move(read)});
}

std::string Metrics::text() const {
    {
        std::lock_guard const lock(families_->mutex);
        for (auto const& asked : families_->asked) asked.gauge->Set(asked.read());
    }
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace billhook::server
