#pragma once
// CircuitBreaker: after several failures in a row it answers for Stripe, so that callers do not queue behind a host
// that is down. After a while one probe is let through; its success closes the circuit, its failure opens it again for
// longer. One per host, shared by all clients of it. Thread-safe.

#include <mutex>

#include "base/timestamp.h"

namespace billhook::stripe {

enum class CircuitState { closed, open, half_open };
char const* to_string(CircuitState state);

class CircuitBreaker {
  public:
    struct Options {
        int failures_max = 5;  // in a row
        Duration open_min = Duration::seconds(5);
        Duration open_max = Duration::minutes(2);
    };

    CircuitBreaker() : CircuitBreaker(Options{}) {}
    explicit CircuitBreaker(Options options) : options_(options) {}

    /// Whether a request may be sent. In half-open state one caller at a time gets a yes, and must report.
    bool allow(Timestamp now);
    void report_success();
    void report_failure(Timestamp now);

    CircuitState state(Timestamp now) const;
    /// How long until the next probe; zero unless open.
    Duration time_until_probe(Timestamp now) const;

  private:
    Options const options_;
    mutable std::mutex mutex_;
    int failures_ = 0;
    bool is_open_ = false;
    bool is_probing_ = false;
    Timestamp probe_started_at_;
    Timestamp open_until_;
    Duration open_for_;
};

}  // namespace billhook::stripe
