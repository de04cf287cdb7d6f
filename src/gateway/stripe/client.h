#pragma once
// Client: the one way to Stripe. It pins the API version, sends idempotency keys, retries where that is safe, honours
// Stripe-Should-Retry, 429 and Retry-After, asks the circuit breaker, counts, and logs neither keys nor bodies. It
// knows no resource: the typed calls lie in *_calls.h. Thread-safe; blocks until there is an answer or the time is up.
//
// Errors: `payment_required` (card errors; reason is Stripe's code), `not_found` "resource_missing", `conflict`
// ("idempotency_error", "idempotency_key_in_use"), `invalid` (a request that Stripe refuses; reason is Stripe's code),
// `unavailable` ("stripe_unreachable", "stripe_timeout", "stripe_failed", "stripe_rate_limited", "stripe_circuit_open",
// "stripe_key_refused", "stripe_answer_not_understood"). `extra` carries what Stripe said: stripe_code, decline_code,
// param, payment_intent, request_id, stripe_status, outcome_unknown: true where Stripe may have acted all the same, and
// kept_failure: the request that failed some time ago and whose 5xx its idempotency key repeats (see ask_anew.h).

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "gateway/stripe/circuit_breaker.h"
#include "gateway/stripe/endpoint.h"
#include "gateway/stripe/idempotency_key.h"
#include "gateway/stripe/metrics.h"
#include "gateway/stripe/sleeper.h"
#include "net/http_transport.h"

namespace billhook::stripe {

struct Failure;

inline constexpr std::string_view api_version = "2026-10-28.endive";
inline constexpr std::string_view api_base_default = "https://api.stripe.com";

struct ClientOptions {
    std::string api_base{api_base_default};  // without a slash at its end
    std::string api_key;                     // sk_… or rk_…; never logged
    Duration attempt_timeout = Duration::seconds(30);
    Duration total_time_max = Duration::seconds(60);  // of all attempts and waits of one call
    int attempts_max = 4;
    Duration backoff_min = Duration::milliseconds(250);
    Duration backoff_max = Duration::seconds(8);
};

/// All of them outlive the client. The clock is a real one: one that jumps would end calls early.
struct ClientParts {
    net::HttpTransport& transport;
    Clock const& clock;
    RandomSource& random;
    Sleeper& sleeper;
    CircuitBreaker& breaker;
    StripeMetrics& metrics;
};

class Client {
  public:
    Client(ClientOptions options, ClientParts parts);

    Result<Json> get(Endpoint const& endpoint, JsonObject const& query = {}) const;
    Result<Json> post(Endpoint const& endpoint, JsonObject const& body, IdempotencyKey const& key) const;
    /// For a POST that changes nothing that matters, so that a second one does no harm: a preview, a portal session.
    Result<Json> post_repeatable(Endpoint const& endpoint, JsonObject const& body) const;
    /// Stripe ignores idempotency keys on DELETE: a repeated one may answer resource_missing.
    Result<Json> remove(Endpoint const& endpoint, JsonObject const& query = {}) const;

    enum class Walk { on, stop };
    using Visit = std::function<Result<Walk>(Json const& element)>;
    /// Every element of a list, newest first, page by page. Fails with `unavailable` "stripe_list_too_long" past
    /// `pages_max`.
    Status for_each(Endpoint const& endpoint, JsonObject query, Visit const& visit, int pages_max = 10'000) const;

    ClientOptions const& options() const { return options_; }

  private:
    struct Request;
    Result<Json> call(Request const& request) const;
    Result<net::HttpRequest> to_http(Request const& request) const;
    Result<net::HttpResponse> attempt(Request const& request, net::HttpRequest const& http, Timestamp deadline) const;
    std::optional<Duration> wait_before_retry(Request const& request, Failure const& failure, int attempts_made,
                                              Timestamp deadline) const;

    ClientOptions options_;
    ClientParts parts_;
};

}  // namespace billhook::stripe
