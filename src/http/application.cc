#include "http/application.h"

#include <algorithm>
#include <array>
#include <exception>
#include <set>

#include "base/digest.h"
#include "base/log.h"
#include "flow/command/idempotent_write.h"
#include "http/authentication.h"
#include "http/fields.h"
#include "http/keep_answer.h"
#include "http/problem.h"
#include "net/form.h"
#include "net/http_syntax.h"

namespace billhook::http {
namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;
constexpr Duration write_runs_at_most = Duration::minutes(2);

bool is_write(std::string_view method) {
    return method != "GET" && method != "HEAD";
}

/// What a connection writes by itself.
bool is_json_alone(Answer const& answer) {
    return answer.status == 200 && answer.text && answer.headers.empty() && answer.content_type.empty();
}

/// Is it in the list of tags? Compared without regard to their weakness (RFC 9110 section 13.1.2).
bool names_tag(std::string_view list, std::string_view tag) {
    if (net::trim(list) == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    for (auto begin = list.find('"'); begin != std::string_view::npos; begin = list.find('"')) {
        auto const end = list.find('"', begin + 1);
        if (end == std::string_view::npos) return false;
        if (list.substr(begin, end + 1 - begin) == tag) return true;
        list.remove_prefix(end + 1);
    }
    return false;
}

bool is_held_already(net::HttpRequest const& request, net::HttpResponse const& response) {
    auto const tag = response.headers.find("ETag");
    if (!tag || response.status != 200 || is_write(request.method)) return false;
    return std::ranges::any_of(request.headers.fields(), [&](auto const& field) {
        return net::same_word(field.name, "If-None-Match") && names_tag(field.value, *tag);
    });
}

net::HttpResponse render(Answer answer, net::HttpRequest const& request) {
    net::HttpResponse response{.status = answer.status,
                               .body = answer.text ? std::move(*answer.text) : to_text(answer.body)};
    response.headers.add("Content-Type", answer.content_type.empty() ? "application/json" : answer.content_type);
    for (auto const& [name, value] : answer.headers) response.headers.set(name, value);
    if (is_held_already(request, response)) {
        response.status = 304;
        response.body.clear();
    }
    return response;
}

/// Who passes a request on may add its own line behind the client's, which would win: one of these is said once.
constexpr std::array<std::string_view, 4> headers_said_once = {"Authorization", "Billhook-Customer", "Idempotency-Key",
                                                               "Stripe-Signature"};

Status refuse_repeated(net::Headers const& headers) {
    std::array<int, headers_said_once.size()> seen{};
    for (auto const& field : headers.fields()) {
        auto const name = std::ranges::find_if(headers_said_once,
                                               [&](std::string_view once) { return net::same_word(once, field.name); });
        if (name == headers_said_once.end()) continue;
        if (++seen[static_cast<std::size_t>(name - headers_said_once.begin())] > 1)
            return fail(invalid(std::string(*name), "expected this header once", "malformed_request"));
    }
    return {};
}

Result<JsonObject> parse_body(net::HttpRequest const& request) {
    if (request.body.empty()) return JsonObject{};
    Json body = TRY(parse_json(request.body));
    if (!body.is_object()) return fail(invalid("", "expected a JSON object", "invalid_json"));
    return std::move(body.get_object());
}

net::HttpResponse refuse(Error const& error, net::HttpRequest const& request) {
    return problem_response(error, request.path());
}

/// A name twice could be read in two ways, as in a body.
Result<JsonObject> parse_query(std::string_view text) {
    auto query = TRY(net::parse_form(text));  // first: what is named in a problem has to be UTF-8
    std::set<std::string> names;
    for (std::string_view rest = text; !rest.empty();) {
        auto const end = std::min(rest.find('&'), rest.size());
        auto const name = net::percent_decode_form(rest.substr(0, std::min(rest.find('='), end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!name.empty() && !names.insert(name).second) return fail(invalid(name, "expected this member once"));
    }
    return query;
}

/// The call holds on to the request and to what was found.
Result<Call> make_call(Context const& context, net::HttpRequest const& request, Match const& found,
                       access::Principal principal, Timestamp now) {
    auto query = request.query().empty() ? JsonObject{} : TRY(parse_query(request.query()));
    // A signed event is verified over its raw bytes before anything reads it.
    if (found.route->access == Access::signed_event)
        return Call{context, request, found.path, std::move(query), {}, std::move(principal), now};
    auto body = TRY(parse_body(request));
    // No operation takes both: what is asked stands in the query, what is to be written in the body.
    bool const has_body = request.method == "POST" || request.method == "PUT";
    auto const& other = has_body ? query : body;
    if (!other.empty()) TRY_VOID(Fields(other).finish());
    return Call{context, request, found.path, std::move(query), std::move(body), std::move(principal), now};
}

store::IdempotencyRecord record_of(Call const& call, std::string_view key) {
    std::string const& body = call.request.body;
    return {.customer = call.principal.customer,
            .caller = call.principal.name(),
            .key = std::string(key),
            .fingerprint = to_hex(sha256(call.request.method + "\n" + call.request.target + "\n" + body)),
            .running_until = call.now + write_runs_at_most,
            .created_at = call.now,
            .expires_at = call.now + call.context.idempotency_retention};
}

Status check_key(std::string_view key) {
    if (key.empty() || key.size() > idempotency_key_bytes_max || !net::is_visible(key))
        return fail(invalid("Idempotency-Key", "expected 1 to 255 visible ASCII characters"));
    return {};
}

bool is_worth_repeating(Error const& error) {
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::rate_limited ||
           error.reason == "change_in_progress";
}

/// The handler under its idempotency key: claimed before, kept after.
net::HttpResponse run_once(Call call, Route const& route, std::string_view key) {
    if (auto const valid = check_key(key); !valid) return refuse(valid.error(), call.request);
    auto const record = record_of(call, key);
    auto const kept = flow::claim_write(call.context.store, record, call.now);
    if (!kept) return refuse(kept.error(), call.request);
    if (*kept) {
        net::HttpResponse replay{.status = (*kept)->status, .body = (*kept)->body};
        replay.headers.set("Content-Type", replay.status < 400 ? "application/json" : "application/problem+json");
        replay.headers.set("Idempotent-Replayed", "true");
        return replay;
    }
    flow::ClaimedWrite claim(record);
    call.claim = &claim;
    auto answer = route.handler(call);
    auto const without_secret = answer && !answer->secret.empty() ? std::optional(text_to_keep(*answer)) : std::nullopt;
    auto response = answer ? render(std::move(*answer), call.request) : refuse(answer.error(), call.request);
    if (claim.is_kept()) return response;
    auto const noted =
        !answer && is_worth_repeating(answer.error())
            ? flow::forget_write(call.context.store, record)
            : flow::keep_answer(call.context.store, record, {response.status, without_secret.value_or(response.body)});
    if (!noted)
        log(LogLevel::warn, "the answer to an idempotency key was not kept", {{"reason", noted.error().reason}});
    return response;
}

net::HttpResponse run(Call const& call, Route const& route) {
    auto const key = is_write(route.method) ? call.request.headers.find("Idempotency-Key") : std::nullopt;
    if (key && route.access != Access::anonymous) return run_once(call, route, *key);
    auto answer = route.handler(call);
    return answer ? render(std::move(*answer), call.request) : refuse(answer.error(), call.request);
}

net::HttpResponse not_matched(Match const& found, net::HttpRequest const& request) {
    if (found.allow.empty())
        return refuse(not_found("there is no such path; /openapi.yaml lists all", "unknown_path"), request);
    Error error{ErrorKind::not_found, "method_not_allowed", "this path has other methods: " + found.allow};
    error.extra["status"] = 405;
    auto response = refuse(error, request);
    response.headers.set("Allow", found.allow);
    return response;
}

/// Who asks, and whether they may.
Result<access::Principal> admit(Context const& context, net::HttpRequest const& request, Access access, Timestamp now) {
    if (!needs_credential(access)) return access::Principal{};
    TRY_VOID(refuse_plain_http(context, request));
    auto principal = TRY(authenticate(context, request, now));
    TRY_VOID(authorize(principal, access));
    if (is_for_a_customer(access)) TRY_VOID(admit_customer(context, principal));
    return principal;
}

/// As admit(); nothing where memory does not suffice, or where the refusal is the pool's to give.
std::optional<access::Principal> admit_from_memory(Context const& context, net::HttpRequest const& request,
                                                   Access access, Timestamp now) {
    if (!needs_credential(access)) return access::Principal{};
    if (!refuse_plain_http(context, request)) return std::nullopt;
    auto principal = authenticate_from_memory(context, request, now);
    return principal && authorize(*principal, access) ? std::move(principal) : std::nullopt;
}

/// What is refused before any work is done for it; never blocks.
Status refuse_at_the_door(Context const& context, net::HttpRequest const& request, Match const& found) {
    TRY_VOID(refuse_repeated(request.headers));
    if (!found.route || found.route->access != Access::anonymous) return {};
    return limit_anonymous(context, request, context.clock.now());
}

net::HttpResponse dispatch(Context const& context, net::HttpRequest const& request, Match const& found) {
    Timestamp const now = context.clock.now();
    if (!found.route) return not_matched(found, request);
    auto principal = admit(context, request, found.route->access, now);
    if (!principal) return refuse(principal.error(), request);
    auto const call = make_call(context, request, found, std::move(*principal), now);
    if (!call) return refuse(call.error(), request);
    return run(*call, *found.route);
}

}  // namespace

net::HttpResponse Application::answer(net::HttpRequest request) const {
    Match found = match(request.method, request.path());
    if (auto const door = refuse_at_the_door(context_, request, found); !door) return refuse(door.error(), request);
    return answer(Asked{std::move(request), std::move(found)});
}

net::HttpResponse Application::answer(Asked const& asked) const {
    auto const& request = asked.request;
    try {
        return dispatch(context_, request, asked.found);
    } catch (std::exception const& exception) {
        log(LogLevel::error, "a handler threw", {{"path", std::string(request.path())}, {"what", exception.what()}});
        Error error = unavailable("internal_error", "the server failed on this request; the log says why");
        error.extra["status"] = 500;
        return problem_response(error, request.path());
    }
}

bool Application::answer_from_memory(net::HttpRequest const& request, Match const& found,
                                     net::Responder& respond) const {
    if (!found.route || !found.route->from_memory) return false;
    Timestamp const now = context_.clock.now();
    auto principal = admit_from_memory(context_, request, found.route->access, now);
    if (!principal) return false;
    auto const call = make_call(context_, request, found, std::move(*principal), now);
    if (!call) return false;
    auto answer = found.route->from_memory(*call);
    if (!answer) return false;
    if (*answer && is_json_alone(**answer))
        respond.json(*(*answer)->text);
    else
        respond(*answer ? render(std::move(**answer), request) : refuse(answer->error(), request));
    return true;
}

bool Application::submit(std::shared_ptr<Asked const> const& asked, Respond const& respond, Post const& post) const {
    auto const& [request, found] = *asked;
    if (!found.route || !found.route->submit) return false;
    auto const call = make_call(context_, request, found, {}, context_.clock.now());
    if (!call) return false;
    found.route->submit(*call, [this, asked, respond, post](std::optional<Result<Answer>> answered) {
        if (!answered) return answer_on_pool(asked, respond, post);
        respond(*answered ? render(std::move(**answered), asked->request) : refuse(answered->error(), asked->request));
    });
    return true;
}

void Application::answer_on_pool(std::shared_ptr<Asked const> const& asked, Respond const& respond,
                                 Post const& post) const {
    bool const is_posted = post([this, asked, respond] { respond(answer(*asked)); });
    if (!is_posted)
        respond(
            problem_response(unavailable("busy", "the server has too much to do; try again"), asked->request.path()));
}

void Application::handle(net::HttpRequest&& request, net::Responder respond, Post const& post) const {
    auto found = match(request.method, request.path());
    if (auto const door = refuse_at_the_door(context_, request, found); !door)
        return respond(refuse(door.error(), request));
    if (answer_from_memory(request, found, respond)) return;
    auto const shared = std::make_shared<Asked const>(Asked{std::move(request), std::move(found)});
    // Whoever answers later has to be copied.
    auto const responder = std::make_shared<net::Responder>(std::move(respond));
    Respond const answer_later = [responder](net::HttpResponse response) { (*responder)(std::move(response)); };
    if (!submit(shared, answer_later, post)) answer_on_pool(shared, answer_later, post);
}

}  // namespace billhook::http
