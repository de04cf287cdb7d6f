#pragma once
// FaultRules: which requests go wrong on purpose, and how. Rules are given through POST /_sandbox/faults; each has a
// chance, may let some requests pass first and may end after a number of times, so that a list of rules is a script.
// Thread-safe; chances come from a seed.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "sandbox/core/api_error.h"

namespace billhook::sandbox {

enum class RequestFault {
    rate_limit,    // 429 before anything happens
    lock_timeout,  // 429: the object is in use
    server_error,  // 500 before anything happens
    lose_answer,   // the request is carried out, but the connection closes without an answer
    lose_request,  // the connection closes and nothing happens
    error_answer,  // the request is carried out, but a 500 is answered (and kept for its idempotency key)
    kept_error,    // 500 in the midst of it: nothing has happened, but the 500 is kept for the idempotency key
    late_answer,  // the request is carried out at once, and answered after delay_ms: a caller's time-out after the work
};

/// The header Stripe-Should-Retry of a refusal: as Stripe sends it, the other way, or not at all.
enum class RetryAdvice { usual, yes, no, none };

struct FaultRule {
    std::string method;       // empty: any
    std::string path_prefix;  // empty: any path below /v1/ and /v2/
    RequestFault fault = RequestFault::server_error;
    int permille = 1000;
    std::int64_t delay_ms = 0;  // before the answer; alone (with permille of its own) it is no error
    bool is_delay_only = false;
    std::int64_t passes_left = 0;  // so many requests that it fits are let pass first
    std::int64_t times_left = -1;  // -1: no end
    std::optional<std::int64_t> retry_after_seconds = {};
    RetryAdvice should_retry = RetryAdvice::usual;
    std::int64_t injected = 0;  // how often it happened
};

struct ChosenFault {
    std::optional<RequestFault> fault = {};
    std::int64_t delay_ms = 0;
    std::optional<std::int64_t> retry_after_seconds = {};
    RetryAdvice should_retry = RetryAdvice::usual;
    bool was_counted = false;  // a rule is used up by one: what is kept of the rules is out of date
};

class FaultRules {
  public:
    explicit FaultRules(std::uint64_t seed) : random_(std::make_unique<SeededRandom>(seed)) {}

    ChosenFault choose(std::string_view method, std::string_view path);
    void set(std::vector<FaultRule> rules);
    /// The chances from here on are those of this seed.
    void reseed(std::uint64_t seed);
    JsonArray view() const;

  private:
    mutable std::mutex mutex_;
    std::unique_ptr<SeededRandom> random_;
    std::vector<FaultRule> rules_;
};

/// From [{"operation": "POST /v1/invoices", "fault": "rate_limit", "permille": 100, "times": 3, "delay_ms": 50}, …];
/// what view() shows is read again.
Result<std::vector<FaultRule>> read_fault_rules(Json const& rules);

/// What a fault that is answered says.
ApiError error_of(RequestFault fault);

}  // namespace billhook::sandbox
