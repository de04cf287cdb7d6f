#include "gateway/stripe/failure.h"

#include <charconv>

#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

std::optional<Duration> parse_retry_after(std::string_view text) {
    std::int64_t seconds = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (seconds < 0 || seconds > 86'400) return std::nullopt;
    return Duration::seconds(seconds);
}

void read_error_body(std::string_view body, Failure& failure) {
    auto const tree = parse_json(body);
    auto const* error = tree ? object_at(*tree, "error") : nullptr;
    if (!error) return;
    failure.type = string_or(*error, "type");
    failure.code = string_or(*error, "code");
    failure.decline_code = string_or(*error, "decline_code");
    failure.advice_code = string_or(*error, "advice_code");
    failure.param = string_or(*error, "param");
    failure.message = string_or(*error, "message");
    failure.payment_intent_id = id_at(*error, "payment_intent");
    failure.setup_intent_id = id_at(*error, "setup_intent");
    failure.charge_id = id_at(*error, "charge");
}

Error card_error(Failure const& failure) {
    return {ErrorKind::payment_required, failure.code.empty() ? "payment_failed" : failure.code,
            failure.message.empty() ? "The payment failed: use another payment method." : failure.message};
}

Error unanswered(Failure const& failure) {
    if (failure.transport_reason == "timeout")
        return unavailable("stripe_timeout", "Stripe did not answer in time: try again later.");
    return unavailable("stripe_unreachable",
                       "Stripe cannot be reached: see the network and https://status.stripe.com.");
}

Error refused(Failure const& failure) {
    auto detail = failure.message.empty() ? "Stripe refused the request." : "Stripe: " + failure.message;
    return invalid("", std::move(detail), failure.code.empty() ? "stripe_request_refused" : failure.code);
}

Error error_of_status(Failure const& failure) {
    if (failure.is_unanswered()) return unanswered(failure);
    if (failure.type == "card_error" || failure.status == 402) return card_error(failure);
    if (failure.code == "idempotency_key_in_use")
        return conflict("idempotency_key_in_use",
                        "The same request is still running at Stripe: try again in a moment.");
    if (failure.type == "idempotency_error")
        return conflict("idempotency_error", "Stripe knows this operation with other parameters.");
    if (failure.code == "lock_timeout" || failure.status == 409)
        return unavailable("stripe_object_locked", "Stripe is busy with this object: try again in a moment.");
    switch (failure.status) {
        case 401:
            return unavailable("stripe_key_refused",
                               "Stripe refused our API key: check the setting stripe.secret_key.");
        case 403:
            return unavailable("stripe_permission_missing", "Our API key may not do this: give it the permission.");
        case 404:
            return not_found(failure.message.empty() ? "Stripe has no such object." : "Stripe: " + failure.message,
                             "resource_missing");
        case 429:
            return unavailable("stripe_rate_limited", "Stripe limits our requests at the moment: try again later.");
        default:
            break;
    }
    if (failure.status >= 400 && failure.status < 500 && failure.status != 424) return refused(failure);
    return unavailable("stripe_failed", "Stripe failed with status " + std::to_string(failure.status) + ".");
}

}  // namespace

Failure failure_of(net::HttpResponse const& response) {
    Failure failure;
    failure.status = response.status;
    failure.request_id = response.headers.get_or("Request-Id");
    failure.is_replayed = response.headers.get_or("Idempotent-Replayed") == "true";
    failure.original_request = response.headers.get_or("Original-Request");
    failure.rate_limit_reason = response.headers.get_or("Stripe-Rate-Limited-Reason");
    failure.retry_after = parse_retry_after(response.headers.get_or("Retry-After"));
    auto const should_retry = response.headers.get_or("Stripe-Should-Retry");
    if (should_retry == "true" || should_retry == "false") failure.should_retry = should_retry == "true";
    read_error_body(response.body, failure);
    return failure;
}

Failure failure_of(Error const& transport_error) {
    Failure failure;
    failure.transport_reason = transport_error.reason;
    return failure;
}

std::string_view retry_cause(Failure const& failure) {
    if (failure.is_unanswered()) return failure.transport_reason;
    if (failure.should_retry == false) return "";
    if (failure.status == 409) return "conflict";
    if (failure.status == 429) return "rate_limited";
    // A stored failure is repeated for a day: asking again brings nothing new.
    if (failure.is_replayed) return "";
    if (failure.status >= 500 || failure.should_retry == true) return "server_error";
    return "";
}

bool leaves_outcome_unknown(Failure const& failure) {
    if (failure.is_unanswered()) return failure.transport_reason != "connect_failed";
    return failure.status >= 500 || failure.status == 424 || failure.code == "idempotency_key_in_use";
}

bool settles_outcome(Failure const& failure) {
    return failure.status >= 400 && failure.status < 500 && failure.status != 409 && failure.status != 424 &&
           failure.status != 429;
}

bool is_kept(Failure const& failure) {
    return failure.is_replayed && failure.status >= 500 && !failure.original_request.empty();
}

Error to_error(Failure const& failure) {
    auto error = error_of_status(failure);
    auto const put = [&](std::string_view name, std::string const& value) {
        if (!value.empty()) error.extra[boost::json::string_view(name.data(), name.size())] = value;
    };
    if (failure.status != 0) error.extra["stripe_status"] = failure.status;
    put("request_id", failure.request_id);
    put("stripe_code", failure.code);
    put("decline_code", failure.decline_code);
    put("advice_code", failure.advice_code);
    put("param", failure.param);
    put("payment_intent", failure.payment_intent_id);
    put("setup_intent", failure.setup_intent_id);
    put("charge", failure.charge_id);
    if (failure.is_replayed) error.extra["is_replayed"] = true;
    if (failure.retry_after) error.extra["retry_after_s"] = failure.retry_after->ms / 1000;
    return error;
}

}  // namespace billhook::stripe
