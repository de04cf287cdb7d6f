#include "http/problem.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "net/server_problem.h"

namespace billhook::http {
namespace {

struct Kind {
    ErrorKind kind;
    int status;
    char const* title;
    char const* meaning;
};

constexpr std::array<Kind, 10> kinds = {{
    {ErrorKind::invalid, 422, "Invalid request", "A part of the request is not as it should be; `field` names it."},
    {ErrorKind::unauthenticated, 401, "Not authenticated", "The request carries no valid credential."},
    {ErrorKind::forbidden, 403, "Forbidden", "The credential or the present plan does not reach this far."},
    {ErrorKind::payment_required, 402, "Payment required",
     "A payment or the payer's confirmation is missing; `action_url`, where present, leads to it."},
    {ErrorKind::not_found, 404, "Not found", "There is no such thing, or it belongs to somebody else."},
    {ErrorKind::conflict, 409, "Conflict", "The present state does not allow this request."},
    {ErrorKind::limit_reached, 403, "Limit reached", "A limit of the present plan is full."},
    {ErrorKind::quota_exhausted, 429, "Quota exhausted", "The allowance of this period is used up."},
    {ErrorKind::rate_limited, 429, "Too many requests", "Slow down; Retry-After says for how long."},
    {ErrorKind::unavailable, 503, "Temporarily unavailable",
     "Something that the answer needs did not respond; the same request may be sent again."},
}};

Kind const& find_kind(ErrorKind kind) {
    return *std::ranges::find_if(kinds, [&](Kind const& entry) { return entry.kind == kind; });
}

struct Code {
    std::string_view code;
    std::string_view meaning;
};

// Reasons whose meaning is more than their kind's.
constexpr std::array<Code, 28> codes = {{
    {"invalid_json", "The body is not valid JSON, or nests too deep, or repeats a key."},
    {"unknown_field", "The body holds a member that this route does not know."},
    {"missing_field", "A required member is absent."},
    {"invalid_value", "A member has a value of the wrong type or outside its range."},
    {"origin_not_allowed", "The return address is not within the configured origins."},
    {"line_already_held", "The customer already holds a plan of this product line; change it instead of buying again."},
    {"change_in_progress", "Another change of the same line waits for Stripe; wait for its end or cancel it."},
    {"same_plan", "The customer already has this plan at this interval."},
    {"not_an_upgrade", "The wanted plan ranks lower; schedule a downgrade instead."},
    {"not_a_downgrade", "The wanted plan does not rank lower; upgrade instead."},
    {"no_subscription", "The customer holds no subscription of this product line."},
    {"payment_failed", "The payment was declined; the old plan stays in force."},
    {"authentication_required", "The payer's bank wants a confirmation; the old plan stays in force until then."},
    {"payment_method_required", "There is no payment method to charge."},
    {"not_in_plan", "The present plan does not include the feature; `upgrade` names one that does."},
    {"limit_reached", "The limit of the present plan is full; `upgrade` names a plan with more."},
    {"quota_exhausted", "The allowance of this period is used up; `resets_at` says when it returns."},
    {"payment_required", "The subscription has an unpaid invoice."},
    {"contact_sales", "This plan is sold by agreement only."},
    {"idempotency_key_in_use", "A request with this Idempotency-Key is still running."},
    {"idempotency_key_reused", "This Idempotency-Key was used with another request."},
    {"insufficient_scope", "The API key lacks the scope that this route needs."},
    {"method_not_allowed", "The path exists, but not with this method; `Allow` lists those it has."},
    {"unknown_customer", "There is no such customer, or the credential does not reach it."},
    {"too_many_key_failures", "The address showed too many invalid credentials; Retry-After says how long to wait."},
    {"too_many_requests", "The address asked too often without a credential; Retry-After says how long to wait."},
    {"plain_http_refused", "A credential came over plain HTTP, past the proxies that the server names."},
    {"bad_signature", "The Stripe-Signature header does not match the body."},
}};

bool is_word(std::string_view code) {
    return !code.empty() && code.size() <= 64 && std::ranges::all_of(code, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

int status_of(ErrorKind kind) {
    return find_kind(kind).status;
}

net::HttpResponse problem_response(Error const& error, std::string_view instance) {
    Kind const& kind = find_kind(error.kind);
    std::string const code = error.reason.empty() ? to_string(error.kind) : error.reason;
    JsonObject body = error.extra;
    // A body that cannot even be read is 400; one that is read and wrong is 422.
    int status = code == "invalid_json" || code == "malformed_request" ? 400 : kind.status;
    // A literal path may state another status in its route row; it puts it here.
    if (auto const* stated = body.if_contains("status"); stated && stated->is_int64())
        status = static_cast<int>(stated->get_int64());
    body["type"] = "/problems/" + code;
    body["title"] = kind.title;
    body["status"] = status;
    body["detail"] = error.detail;
    body["code"] = code;
    if (!error.field.empty()) body["field"] = error.field;
    if (!instance.empty()) body["instance"] = std::string(instance);

    net::HttpResponse response{.status = status, .body = to_text(body)};
    response.headers.set("Content-Type", "application/problem+json");
    if (status == 401) response.headers.set("WWW-Authenticate", "Bearer");
    if (status == 429 || status == 503) {
        auto const* seconds = body.if_contains("retry_after_s");
        response.headers.set("Retry-After", std::to_string(seconds && seconds->is_int64() ? seconds->get_int64() : 1));
    }
    return response;
}

net::HttpResponse problem_page(std::string_view code) {
    if (!is_word(code)) return problem_response(not_found("there is no such problem type"), "");
    JsonObject page{{"type", "/problems/" + std::string(code)}};
    auto const known = std::ranges::find_if(codes, [&](Code const& entry) { return entry.code == code; });
    auto const kind = std::ranges::find_if(kinds, [&](Kind const& entry) { return to_string(entry.kind) == code; });
    auto const servers = net::server_problems();
    auto const of_server = std::ranges::find(servers, code, &net::ServerProblemEntry::code);
    if (known != codes.end()) {
        page["meaning"] = std::string(known->meaning);
    } else if (of_server != servers.end()) {
        page["meaning"] = std::string(of_server->title) + ".";
    } else if (kind != kinds.end()) {
        page["title"] = kind->title;
        page["meaning"] = kind->meaning;
    } else {
        page["meaning"] = "The detail of the problem itself says what was wrong and what to do.";
    }
    net::HttpResponse response{.body = to_text(page)};
    response.headers.set("Content-Type", "application/json");
    return response;
}

}  // namespace billhook::http
