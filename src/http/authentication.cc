#include "http/authentication.h"

#include <strings.h>

#include "base/digest.h"
#include "flow/access/key_table.h"
#include "flow/command/customer_command.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "http/address_limit.h"
#include "http/context.h"
#include "http/customer_id.h"
#include "net/listen_address.h"
#include "net/trusted_proxies.h"

namespace billhook::http {
namespace {

using access::Caller;
using access::MemberRole;
using access::Principal;
using access::Scope;

Error unauthenticated(std::string reason, std::string detail) {
    return {ErrorKind::unauthenticated, std::move(reason), std::move(detail)};
}

Error missing_scope(Scope scope) {
    return {ErrorKind::forbidden, "insufficient_scope",
            std::string("the credential lacks the scope ") + access::to_string(scope)};
}

Result<Principal> from_key(access::ApiKey const& key, net::HttpRequest const& request) {
    Principal principal{.subject = key.id, .scopes = key.scopes};
    principal.caller = principal.may(Scope::operator_read) ? Caller::operator_ : Caller::application;
    principal.customer = key.customer;
    auto const named = request.headers.find("Billhook-Customer");
    if (!named) return principal;
    auto const customer = TRY(parse_customer_id(*named, "Billhook-Customer"));
    if (!key.customer.empty() && key.customer != customer)
        return fail(not_found("there is no such customer for this key", "unknown_customer"));
    principal.customer = customer;
    return principal;
}

bool is_api_key(std::string_view credential) {
    return credential.starts_with("bh_");
}

Result<Principal> look_up(Context const& context, net::HttpRequest const& request, std::string_view credential,
                          Timestamp now) {
    if (is_api_key(credential)) {
        if (auto const key = TRY(context.keys.find_or_load(context.store, credential, now)))
            return from_key(*key, request);
        return fail(unauthenticated("unknown_key", "this API key is unknown, revoked or expired"));
    }
    if (!context.tokens)
        return fail(unauthenticated("no_issuer", "no token issuer is configured; use an API key that begins with bh_"));
    return context.tokens->verify(credential, now);
}

Error too_many(std::string reason, std::string detail, Duration wait) {
    Error error{ErrorKind::rate_limited, std::move(reason), std::move(detail)};
    error.extra["retry_after_s"] = (wait.ms + 999) / 1000;
    return error;
}

Error too_many_key_failures(Duration wait) {
    return too_many("too_many_key_failures",
                    "this address has shown too many credentials that are not valid; wait, then send a valid one",
                    wait);
}

/// Was the credential made up? Not one that its issuer gave out, but for another time or another reader.
bool is_guess(Error const& refusal) {
    if (refusal.kind != ErrorKind::unauthenticated) return false;
    auto const& reason = refusal.reason;
    return reason != "token_expired" && reason != "token_not_yet_valid" && reason != "wrong_audience" &&
           reason != "missing_customer_claim";
}

/// A request that came by no socket is this machine's too.
bool is_this_machine(net::HttpRequest const& request) {
    auto const& address = request.remote_address;
    return address.empty() || net::is_loopback({.ip = address});
}

Status require(Principal const& principal, Scope scope) {
    if (!principal.may(scope)) return fail(missing_scope(scope));
    return {};
}

Status require_customer(Principal const& principal) {
    if (!principal.customer.empty()) return {};
    return fail(
        invalid("Billhook-Customer", "an API key names the customer it acts for in this header", "missing_field"));
}

Status require_paying_role(Principal const& principal) {
    if (principal.caller != Caller::customer || principal.role != MemberRole::member) return {};
    return fail(Error{ErrorKind::forbidden, "insufficient_role",
                      "only an owner or an admin of the customer may buy, change or see invoices"});
}

bool is_scheme(std::string_view word, std::string_view scheme) {
    return word.size() == scheme.size() && strncasecmp(word.data(), scheme.data(), scheme.size()) == 0;
}

/// The bearer credential of a request; empty where there is none. An API key may also stand as the user name of Basic,
/// and is then put into `decoded`.
std::string_view credential_of(net::HttpRequest const& request, std::string& decoded) {
    auto const header = request.headers.find("Authorization");
    if (!header) return {};
    auto const space = header->find(' ');
    if (space == std::string_view::npos) return {};
    auto const scheme = header->substr(0, space), value = header->substr(space + 1);
    if (is_scheme(scheme, "Bearer")) return value;
    if (!is_scheme(scheme, "Basic")) return {};
    auto const pair = from_base64(value);
    if (!pair) return {};
    decoded = pair->substr(0, pair->find(':'));
    return decoded;
}

/// Nothing where memory does not know the credential, or where it does not suffice.
std::optional<Principal> find_known(Context const& context, net::HttpRequest const& request,
                                    std::string_view credential, Timestamp now) {
    if (is_api_key(credential)) {
        auto const key = context.keys.find(credential, now);
        if (!key) return std::nullopt;
        auto principal = from_key(*key, request);
        return principal ? std::optional(std::move(*principal)) : std::nullopt;
    }
    auto const known = context.tokens && !credential.empty() ? context.tokens->find(credential, now) : nullptr;
    return known ? std::optional(*known) : std::nullopt;
}

}  // namespace

Result<Principal> authenticate(Context const& context, net::HttpRequest const& request, Timestamp now) {
    std::string decoded;
    auto const credential = credential_of(request, decoded);
    if (credential.empty()) return Principal{};
    if (auto known = find_known(context, request, credential, now)) return std::move(*known);
    auto const address = context.proxies.client_of(request);
    auto const wait = context.key_failures.wait_of(address, now);
    // A key is looked for in the database, which a guesser may not keep busy. A token is verified here: whoever shares
    // an address with a guesser and signs in for the first time comes in.
    if (wait > Duration{} && is_api_key(credential)) return fail(too_many_key_failures(wait));
    auto principal = look_up(context, request, credential, now);
    if (principal || !is_guess(principal.error())) return principal;
    if (wait > Duration{}) return fail(too_many_key_failures(wait));
    context.key_failures.note(address, now);
    return principal;
}

std::optional<Principal> authenticate_from_memory(Context const& context, net::HttpRequest const& request,
                                                  Timestamp now) {
    std::string decoded;
    return find_known(context, request, credential_of(request, decoded), now);
}

Status limit_anonymous(Context const& context, net::HttpRequest const& request, Timestamp now) {
    if (authenticate_from_memory(context, request, now)) return {};
    auto const address = context.proxies.client_of(request);
    auto const wait = context.anonymous_requests.wait_of(address, now);
    if (wait > Duration{})
        return fail(too_many("too_many_requests",
                             "this address has asked too often without a credential; wait, or send a valid one", wait));
    context.anonymous_requests.note(address, now);
    return {};
}

Status refuse_plain_http(Context const& context, net::HttpRequest const& request) {
    if (!context.is_https_expected) return {};
    bool const is_direct = !context.proxies.contains(request.remote_address) && !is_this_machine(request);
    if (!is_direct && !context.proxies.says_plain_http(request)) return {};
    return fail(Error{ErrorKind::forbidden, "plain_http_refused",
                      "a credential travels over https only; ask through the proxy in front of this server"});
}

Status admit_customer(Context const& context, Principal const& principal) {
    if (context.snapshots.find(principal.customer)) return {};
    auto loaded = context.snapshots.load(principal.customer);
    bool const is_unknown = !loaded && loaded.error().reason == "unknown_customer";
    if (is_unknown && context.customers_by_token && principal.caller == Caller::customer) {
        TRY(flow::put_customer(context.commands, {.customer = principal.customer}));
        loaded = context.snapshots.load(principal.customer);
    }
    if (!loaded) return fail(std::move(loaded.error()));
    return {};
}

Status authorize(Principal const& principal, Access access) {
    if (!needs_credential(access)) return {};
    if (principal.caller == Caller::anonymous)
        return fail(unauthenticated("missing_credential", "send an API key or a token as Authorization: Bearer …"));
    bool const is_customer = principal.caller == Caller::customer;
    switch (access) {
        case Access::anonymous:
        case Access::probe:
        case Access::signed_event:
            return {};
        case Access::customer_read:
            TRY_VOID(require(principal, Scope::customer_read));
            return require_customer(principal);
        case Access::customer_write:
            TRY_VOID(require(principal, Scope::customer_write));
            TRY_VOID(require_customer(principal));
            return require_paying_role(principal);
        case Access::customer_billing:
            TRY_VOID(require(principal, Scope::customer_read));
            TRY_VOID(require_customer(principal));
            return require_paying_role(principal);
        case Access::usage_write:
            if (is_customer)
                return fail(Error{ErrorKind::forbidden, "application_only", "this route is for the application's key"});
            TRY_VOID(require(principal, Scope::usage_write));
            return require_customer(principal);
        case Access::check:
            TRY_VOID(require(principal, Scope::entitlement_check));
            return require_customer(principal);
        case Access::application_read:
        case Access::application_write:
            if (is_customer)
                return fail(Error{ErrorKind::forbidden, "application_only", "this route is for the application's key"});
            return require(principal,
                           access == Access::application_read ? Scope::customer_read : Scope::customer_write);
        case Access::operator_read:
            return require(principal, Scope::operator_read);
        case Access::operator_write:
            return require(principal, Scope::operator_write);
    }
    return fail(unauthenticated("missing_credential", "this route needs a credential"));
}

}  // namespace billhook::http
