#include "gateway/stripe/client.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "gateway/stripe/failure.h"
#include "gateway/stripe/tree.h"
#include "net/form.h"

namespace billhook::stripe {
namespace {

constexpr JsonLimits answer_limits{.depth_max = 64, .bytes_max = std::size_t{64} << 20};
constexpr int page_size = 100;  // the largest that Stripe allows

// Half of the wait is fixed, half is chance, so that callers that failed together do not come back together.
Duration backoff(ClientOptions const& options, int attempt, RandomSource& random) {
    auto const shift = std::min(attempt - 1, 20);
    auto const wait_ms = std::min(options.backoff_min.ms << shift, options.backoff_max.ms);
    auto const half_ms = wait_ms / 2;
    return {half_ms + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(wait_ms - half_ms) + 1))};
}

// A success that cannot be read is still one: Stripe has acted.
Result<Json> parse_answer(net::HttpResponse const& response, bool has_effect) {
    auto tree = parse_json(response.body, answer_limits);
    if (tree && tree->is_object()) return std::move(*tree);
    auto error = not_understood("Stripe's answer is no JSON object.");
    if (has_effect) error.extra["outcome_unknown"] = true;
    return fail(std::move(error));
}

Error circuit_open(Duration wait) {
    auto error =
        unavailable("stripe_circuit_open", "Stripe failed several times in a row: we pause before we ask again.");
    error.extra["retry_after_s"] = (wait.ms + 999) / 1000;
    return error;
}

}  // namespace

struct Client::Request {
    std::string_view method;
    Endpoint const& endpoint;
    JsonObject const& parameters;
    std::string idempotency_key;  // empty: none is sent, since a second one does no harm
};

Client::Client(ClientOptions options, ClientParts parts) : options_(std::move(options)), parts_(parts) {
    CHECK(options_.attempts_max >= 1);
}

Result<Json> Client::get(Endpoint const& endpoint, JsonObject const& query) const {
    return call({"GET", endpoint, query, ""});
}

Result<Json> Client::post(Endpoint const& endpoint, JsonObject const& body, IdempotencyKey const& key) const {
    return call({"POST", endpoint, body, key.str()});
}

Result<Json> Client::post_repeatable(Endpoint const& endpoint, JsonObject const& body) const {
    return call({"POST", endpoint, body, ""});
}

Result<Json> Client::remove(Endpoint const& endpoint, JsonObject const& query) const {
    return call({"DELETE", endpoint, query, ""});
}

Result<net::HttpRequest> Client::to_http(Request const& request) const {
    auto target = options_.api_base + TRY(to_path(request.endpoint));
    auto parameters = net::encode_form(request.parameters);
    net::HttpRequest http;
    http.method = request.method;
    http.headers.set("Authorization", "Bearer " + options_.api_key);
    http.headers.set("Stripe-Version", std::string(api_version));
    http.headers.set("User-Agent", "Billhook");
    if (request.method == "POST") {
        http.headers.set("Content-Type", "application/x-www-form-urlencoded");
        if (!request.idempotency_key.empty()) http.headers.set("Idempotency-Key", request.idempotency_key);
        http.body = std::move(parameters);
    } else if (!parameters.empty()) {
        target += '?' + parameters;
    }
    http.target = std::move(target);
    return http;
}

// One attempt, counted, logged and told to the breaker. Bodies, queries and keys stay out of the log.
Result<net::HttpResponse> Client::attempt(Request const& request, net::HttpRequest const& http,
                                          Timestamp deadline) const {
    auto const started_at = parts_.clock.now();
    auto const timeout = std::min(options_.attempt_timeout, deadline - started_at);
    auto response = parts_.transport.send(http, timeout);
    auto const ended_at = parts_.clock.now();
    int const status = response ? response->status : 0;
    parts_.metrics.record_attempt(request.method, request.endpoint.pattern, status, ended_at - started_at);
    bool const is_host_down = !response || status >= 500;
    if (is_host_down)
        parts_.breaker.report_failure(ended_at);
    else
        parts_.breaker.report_success();
    log(is_host_down || status == 429 ? LogLevel::warn : LogLevel::debug, "stripe call",
        {{"method", request.method},
         {"endpoint", request.endpoint.pattern},
         {"status", status},
         {"reason", response ? std::string() : response.error().reason},
         {"request_id", response ? response->headers.get_or("Request-Id") : std::string()},
         {"latency_ms", static_cast<long long>((ended_at - started_at).ms)}});
    return response;
}

// How long to wait before the next attempt; nothing where there should be none.
std::optional<Duration> Client::wait_before_retry(Request const& request, Failure const& failure, int attempts_made,
                                                  Timestamp deadline) const {
    auto const cause = retry_cause(failure);
    if (cause.empty() || attempts_made >= options_.attempts_max) return std::nullopt;
    auto const wait =
        std::max(backoff(options_, attempts_made, parts_.random), failure.retry_after.value_or(Duration{}));
    if (parts_.clock.now() + wait >= deadline) return std::nullopt;
    parts_.metrics.record_retry(request.endpoint.pattern, cause);
    return wait;
}

Result<Json> Client::call(Request const& request) const {
    auto const http = TRY(to_http(request));
    auto const deadline = parts_.clock.now() + options_.total_time_max;
    bool may_have_acted = false;
    for (int attempts_made = 1;; ++attempts_made) {
        auto const now = parts_.clock.now();
        if (!parts_.breaker.allow(now)) {
            parts_.metrics.record_circuit_refusal(request.endpoint.pattern);
            auto error = circuit_open(parts_.breaker.time_until_probe(now));
            if (may_have_acted) error.extra["outcome_unknown"] = true;
            return fail(std::move(error));
        }
        auto const response = attempt(request, http, deadline);
        if (response && response->status >= 200 && response->status < 300)
            return parse_answer(*response, request.method != "GET");
        auto const failure = response ? failure_of(*response) : failure_of(response.error());
        if (failure.status == 429)
            parts_.metrics.record_rate_limit(request.endpoint.pattern, failure.rate_limit_reason);
        // A clear answer settles what earlier attempts left open: it is given under the same key.
        may_have_acted = request.method != "GET" &&
                         (leaves_outcome_unknown(failure) || (may_have_acted && !settles_outcome(failure)));
        auto const wait = wait_before_retry(request, failure, attempts_made, deadline);
        if (wait && parts_.sleeper.sleep(*wait)) continue;
        auto error = to_error(failure);
        // One that an attempt of this very call has brought about is left to the next call: Stripe fails at present.
        if (attempts_made == 1 && is_kept(failure)) error.extra["kept_failure"] = failure.original_request;
        if (may_have_acted) error.extra["outcome_unknown"] = true;
        return fail(std::move(error));
    }
}

Status Client::for_each(Endpoint const& endpoint, JsonObject query, Visit const& visit, int pages_max) const {
    query["limit"] = page_size;
    for (int page = 0; page < pages_max; ++page) {
        auto const list = TRY(get(endpoint, query));
        auto const* elements = elements_at(list, "data");
        if (!elements) return fail(not_understood("Stripe sent no list where one belongs."));
        for (auto const& element : *elements)
            if (TRY(visit(element)) == Walk::stop) return {};
        if (elements->empty() || !bool_or(list, "has_more")) return {};
        query["starting_after"] = TRY(require_id(elements->back(), "list element"));
    }
    return fail(unavailable("stripe_list_too_long",
                            "Stripe's list " + std::string(endpoint.pattern) + " has more pages than expected."));
}

}  // namespace billhook::stripe
