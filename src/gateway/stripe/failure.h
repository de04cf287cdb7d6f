#pragma once
// What an answer that is no success means: as an Error for the caller, and as a cause to try again or not. One table
// for each, so that no call has its own reading of a status.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "net/http_message.h"

namespace billhook::stripe {

/// An attempt that did not succeed: the transport's error, or an answer with a status other than 2xx.
struct Failure {
    std::string transport_reason;  // connect_failed, timeout, connection_lost; empty where an answer came
    int status = 0;
    std::string request_id;
    std::string original_request;  // whose answer is repeated
    std::string type;              // of the error in the body, as the rest
    std::string code;
    std::string decline_code;
    std::string advice_code;
    std::string param;
    std::string message;
    std::string payment_intent_id;
    std::string setup_intent_id;
    std::string charge_id;
    bool is_replayed = false;          // Stripe repeated a stored answer
    std::optional<bool> should_retry;  // Stripe-Should-Retry
    std::optional<Duration> retry_after;
    std::string rate_limit_reason;

    bool is_unanswered() const { return status == 0; }
};

Failure failure_of(net::HttpResponse const& response);
Failure failure_of(Error const& transport_error);

/// Why it is worth trying again: connect_failed, timeout, connection_lost, conflict, rate_limited, server_error; empty
/// where it is not. That it is safe follows from how requests are made: a POST bears a key or changes nothing.
std::string_view retry_cause(Failure const& failure);
/// Whether Stripe may have done what was asked although it did not say so.
bool leaves_outcome_unknown(Failure const& failure);
/// Whether it says for certain what became of the request, and of all earlier ones with its idempotency key.
bool settles_outcome(Failure const& failure);

/// Whether Stripe repeats a failure that it has kept for the idempotency key, and will for a day.
bool is_kept(Failure const& failure);

Error to_error(Failure const& failure);

}  // namespace billhook::stripe
