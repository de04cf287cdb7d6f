// Machine: how one request is answered.

#include <thread>

#include "base/digest.h"
#include "sandbox/core/id_source.h"
#include "sandbox/core/older_parameters.h"
#include "sandbox/core/request_reader.h"
#include "sandbox/machine/machine.h"
#include "sandbox/surface/parameters.h"
#include "sandbox/version/older_shapes.h"

namespace billhook::sandbox {
namespace {

constexpr std::size_t idempotency_key_length_max = 255;

bool may_retry(int status) {
    return status == 409 || status == 429 || status >= 500;
}

void advise_on_retry(net::HttpResponse& response, bool is_advised) {
    response.headers.set("Stripe-Should-Retry", is_advised ? "true" : "false");
}

net::HttpResponse refusal(ApiError const& error, std::string const& request_id,
                          RetryAdvice advice = RetryAdvice::usual) {
    net::HttpResponse response;
    response.status = error.status;
    response.body = error_body(error, request_id);
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Request-Id", request_id);
    if (advice != RetryAdvice::none)
        advise_on_retry(response, advice == RetryAdvice::usual ? may_retry(error.status) : advice == RetryAdvice::yes);
    if (error.code == "rate_limit") response.headers.set("Stripe-Rate-Limited-Reason", "global-rate");
    return response;
}

net::HttpResponse spoiled(ChosenFault const& fault, std::string const& request_id) {
    auto response = refusal(error_of(*fault.fault), request_id, fault.should_retry);
    if (fault.retry_after_seconds) response.headers.set("Retry-After", std::to_string(*fault.retry_after_seconds));
    return response;
}

bool is_second_generation(net::HttpRequest const& request) {
    return request.path().starts_with("/v2/");
}

std::int64_t key_kept_seconds(net::HttpRequest const& request) {
    return is_second_generation(request) ? IdempotencyKeys::kept_seconds_v2 : IdempotencyKeys::kept_seconds;
}

void wait_ms(std::int64_t ms) {
    if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

net::HttpResponse no_answer() {
    return {.status = 0};
}

std::vector<std::string> take_expand(JsonObject& params) {
    std::vector<std::string> paths;
    auto const* expand = params.if_contains("expand");
    if (expand && expand->is_array())
        for (auto const& path : expand->get_array())
            if (path.is_string()) paths.emplace_back(as_view(path.get_string()));
    params.erase("expand");
    return paths;
}

}  // namespace

struct Machine::Asked {
    net::HttpRequest const& request;
    Route const& route;
    PathIds ids;
    std::string request_id;
    std::string idempotency_key = {};
    std::string fingerprint = {};
    ChosenFault fault = {};
};

net::HttpResponse Machine::handle(net::HttpRequest const& request) {
    auto const request_id = make_id(request_random_, "req_");
    auto response = answer(request, request_id);
    if (!has_threads_)
        run_due();
    else
        woken_.notify_all();
    return response;
}

net::HttpResponse Machine::answer(net::HttpRequest const& request, std::string const& request_id) {
    PathIds ids;
    Route const* route = world_.registry.match(request.method, request.path(), ids);
    if (route && route->page) return show_page(request, *route, std::move(ids));
    // The stream's handler knows its own tokens.
    bool const has_own_tokens = route && route->operation && route->operation->path == "/v2/billing/meter_event_stream";
    if (auto known = authenticate(request, world_.settings); !known && !has_own_tokens)
        return refusal(known.error(), request_id);
    auto const stamped = [&](net::HttpResponse response) {
        auto const version = request.headers.get_or("Stripe-Version");
        response.headers.set("Stripe-Version",
                             world_.surface.knows_version(version) ? version : std::string(world_.surface.version()));
        return response;
    };
    auto const refused = [&](ApiError const& error) { return stamped(refusal(error, request_id)); };
    if (auto fits = check_version(request, world_.surface); !fits) return refused(fits.error());
    auto const url = request.method + ": " + std::string(request.path());
    if (!route) return refused({404, "invalid_request_error", "", "Unrecognized request URL (" + url + ").", ""});
    if (!route->handler)
        return refused({501, "api_error", "", "The sandbox does not answer this operation (" + url + ")."});

    auto const fault = choose_fault(request);
    if (fault.fault == RequestFault::lose_request) return no_answer();
    bool const is_before = fault.fault == RequestFault::rate_limit || fault.fault == RequestFault::lock_timeout ||
                           fault.fault == RequestFault::server_error;
    if (is_before) return stamped(spoiled(fault, request_id));
    Asked asked{request, *route, std::move(ids), request_id};
    asked.fault = fault;
    auto response = stamped(answer_api(asked));
    if (fault.fault == RequestFault::late_answer) wait_ms(fault.delay_ms);
    return fault.fault == RequestFault::lose_answer ? no_answer() : response;
}

ChosenFault Machine::choose_fault(net::HttpRequest const& request) {
    auto const fault = faults_.choose(request.method, request.path());
    if (!fault.was_counted || !file_) return fault;
    // A script goes on where it was after a restart.
    std::lock_guard const lock(mutex_);
    Call call(world_);
    keep_faults(world_, control_ports());
    commit(call);
    make_durable();
    return fault;
}

net::HttpResponse Machine::answer_api(Asked& asked) {
    bool const takes_key =
        asked.request.method == "POST" || (is_second_generation(asked.request) && asked.request.method == "DELETE");
    if (!takes_key) return execute(asked);
    asked.idempotency_key = asked.request.headers.get_or("Idempotency-Key");
    if (asked.idempotency_key.empty()) return execute(asked);
    if (asked.idempotency_key.size() > idempotency_key_length_max)
        return refusal(bad_request("Idempotency keys can be at most 255 characters long."), asked.request_id);
    auto response = answer_once(asked);
    response.headers.set("Idempotency-Key", asked.idempotency_key);
    return response;
}

net::HttpResponse Machine::answer_once(Asked& asked) {
    asked.fingerprint = to_hex(sha256(asked.request.target + "\n" + asked.request.body));
    auto claimed = idempotency_.claim(asked.idempotency_key, asked.fingerprint, world_.clock.now().seconds(),
                                      key_kept_seconds(asked.request));
    if (!claimed) return refusal(claimed.error(), asked.request_id);
    if (!*claimed) {
        auto response = execute(asked);
        response.headers.set("Original-Request", asked.request_id);
        return response;
    }
    net::HttpResponse replay;
    replay.status = (*claimed)->status;
    replay.body = (*claimed)->body;
    replay.headers = {{"Content-Type", "application/json"},
                      {"Request-Id", asked.request_id},
                      {"Original-Request", (*claimed)->request_id},
                      {"Idempotent-Replayed", "true"}};
    if (replay.status >= 400) advise_on_retry(replay, may_retry(replay.status));
    return replay;
}

net::HttpResponse Machine::execute(Asked& asked) {
    net::HttpResponse response;
    bool has_begun = false;
    // Outside the lock, and with the idempotency key claimed: a second attempt meanwhile finds it in use.
    if (asked.fault.fault != RequestFault::late_answer) wait_ms(asked.fault.delay_ms);
    std::lock_guard const lock(mutex_);
    note_acknowledged();
    Call call(world_);
    call.path_ids = std::move(asked.ids);
    call.path = asked.request.path();
    call.request_id = asked.request_id;
    call.idempotency_key = asked.idempotency_key;
    call.credential = credential_of(asked.request);
    auto const start = call.mark();
    auto result = perform(call, asked, has_begun);
    bool const breaks_off = result && asked.fault.fault == RequestFault::kept_error;
    if (breaks_off || (!result && !call.keep_on_refusal)) call.undo(start);
    if (breaks_off || (result && asked.fault.fault == RequestFault::error_answer)) {
        response = spoiled(asked.fault, asked.request_id);
    } else if (result) {
        response.body = to_text(*result);
        response.headers.set("Content-Type", "application/json");
        response.headers.set("Request-Id", asked.request_id);
    } else {
        response = refusal(result.error(), asked.request_id);
    }

    // What was refused before it began, and what may be tried again at once, leaves its key free; in the second
    // generation every failure does.
    bool const is_v2_failure = response.status >= 400 && is_second_generation(asked.request);
    bool const is_kept = !asked.idempotency_key.empty() && has_begun && response.status != 409 &&
                         response.status != 429 && !is_v2_failure;
    IdempotencyRow const row{asked.idempotency_key,
                             asked.fingerprint,
                             world_.clock.now().seconds(),
                             key_kept_seconds(asked.request),
                             {response.status, response.body, asked.request_id}};
    commit(call, is_kept ? &row : nullptr);
    make_durable();
    if (is_kept)
        idempotency_.finish(row.key, row.result);
    else if (!asked.idempotency_key.empty())
        idempotency_.release(asked.idempotency_key);
    return response;
}

Answer<Json> Machine::perform(Call& call, Asked& asked, bool& has_begun) {
    auto const& operation = *asked.route.operation;
    auto raw = TRY(raw_parameters(asked.request));
    translate_older_parameters(world_.store, operation, asked.request.headers.get_or("Stripe-Version"), raw);
    call.params = TRY(read_parameters(operation.parameters, raw));
    auto const expand = take_expand(call.params);
    has_begun = true;
    auto tree = TRY(asked.route.handler(call));
    if (call.has("metadata"))
        if (auto const* merged = find(tree, "metadata"); merged && merged->is_object())
            TRY_VOID(check_metadata(merged->get_object(), "metadata"));
    auto const version = asked.request.headers.get_or("Stripe-Version");
    if (!has_older_shapes(version)) {
        TRY_VOID(world_.views.expand(*operation.answer, tree, expand));
        return tree;
    }
    std::vector<std::pair<std::string, ApiError>> unknown;  // to this version's shapes
    for (auto const& path : expand)
        if (auto expanded = world_.views.expand(*operation.answer, tree, {path}); !expanded)
            unknown.emplace_back(path, std::move(expanded).error());
    show_as(world_, version, tree);
    for (auto& [path, error] : unknown)
        if (!expand_as(world_, version, tree, path)) return refuse(std::move(error));
    return tree;
}

net::HttpResponse Machine::show_page(net::HttpRequest const& request, Route const& route, PathIds ids) {
    std::lock_guard const lock(mutex_);
    note_acknowledged();
    Call call(world_);
    call.path_ids = std::move(ids);
    call.path = request.path();
    auto const start = call.mark();
    auto response = route.page(call, request);
    if (response.status >= 400 && !call.keep_on_refusal) call.undo(start);
    commit(call);
    make_durable();
    return response;
}

}  // namespace billhook::sandbox
