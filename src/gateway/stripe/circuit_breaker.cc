#include "gateway/stripe/circuit_breaker.h"

#include <algorithm>

namespace billhook::stripe {
namespace {

// A probe whose caller never reported does not keep the circuit half open for ever.
constexpr Duration probe_time_max = Duration::minutes(2);

}  // namespace

char const* to_string(CircuitState state) {
    switch (state) {
        case CircuitState::closed:
            return "closed";
        case CircuitState::open:
            return "open";
        case CircuitState::half_open:
            return "half_open";
    }
    return "closed";
}

bool CircuitBreaker::allow(Timestamp now) {
    std::lock_guard const lock(mutex_);
    if (!is_open_) return true;
    if (now < open_until_) return false;
    if (is_probing_ && now < probe_started_at_ + probe_time_max) return false;
    is_probing_ = true;
    probe_started_at_ = now;
    return true;
}

void CircuitBreaker::report_success() {
    std::lock_guard const lock(mutex_);
    failures_ = 0;
    is_open_ = false;
    is_probing_ = false;
    open_for_ = {};
}

void CircuitBreaker::report_failure(Timestamp now) {
    std::lock_guard const lock(mutex_);
    ++failures_;
    bool const probe_failed = is_open_ && is_probing_;
    // Callers that were under way when the circuit opened do not lengthen its pause.
    if (is_open_ && !probe_failed) return;
    if (!probe_failed && failures_ < options_.failures_max) return;
    open_for_ = open_for_.ms == 0 ? options_.open_min : std::min(Duration{open_for_.ms * 2}, options_.open_max);
    open_until_ = now + open_for_;
    is_open_ = true;
    is_probing_ = false;
}

CircuitState CircuitBreaker::state(Timestamp now) const {
    std::lock_guard const lock(mutex_);
    if (!is_open_) return CircuitState::closed;
    return now < open_until_ ? CircuitState::open : CircuitState::half_open;
}

Duration CircuitBreaker::time_until_probe(Timestamp now) const {
    std::lock_guard const lock(mutex_);
    return is_open_ && now < open_until_ ? open_until_ - now : Duration{};
}

}  // namespace billhook::stripe
