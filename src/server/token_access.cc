#include "server/token_access.h"

#include <fstream>
#include <sstream>

#include "http/customer_id.h"

namespace billhook::server {
namespace {

using access::MemberRole;
using access::Scope;

Result<std::string> read_file(std::string const& path) {
    std::ifstream file(path);
    if (!file) return fail(invalid("jwt_issuers", "the key set file '" + path + "' cannot be read"));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Result<std::unique_ptr<net::JwksSource>> open_source(cli::JwtIssuer const& issuer, net::HttpTransport& transport,
                                                     Clock const& clock) {
    if (!issuer.jwks_url.empty()) return std::make_unique<net::JwksSource>(issuer.jwks_url, transport, clock);
    auto const text = issuer.jwks_file.empty() ? issuer.jwks : TRY(read_file(issuer.jwks_file));
    return net::JwksSource::from_text(text, clock);
}

/// Unless the token says more, its holder is a plain member: seeing is safe, buying is not.
MemberRole role_of(JsonObject const& claims, std::string const& claim) {
    auto const* value = find(claims, claim);
    if (!value || !value->is_string()) return MemberRole::member;
    if (value->get_string() == "owner") return MemberRole::owner;
    return value->get_string() == "admin" ? MemberRole::admin : MemberRole::member;
}

Result<access::Principal> principal_of(JsonObject const& claims, cli::JwtIssuer const& issuer) {
    auto const* customer = find(claims, issuer.customer_claim);
    if (!customer || !customer->is_string())
        return fail(Error{ErrorKind::unauthenticated, "missing_customer_claim",
                          "the token lacks the claim '" + issuer.customer_claim + "' that names the customer"});
    auto id = http::parse_customer_id(as_view(customer->get_string()), issuer.customer_claim);
    if (!id)
        return fail(Error{ErrorKind::unauthenticated, "missing_customer_claim",
                          "the token's claim '" + issuer.customer_claim + "' is no customer id"});
    auto const* subject = find(claims, "sub");
    access::Principal principal{.caller = access::Caller::customer,
                                .customer = std::move(*id),
                                .role = role_of(claims, issuer.role_claim),
                                .scopes = {Scope::customer_read, Scope::customer_write, Scope::entitlement_check}};
    principal.subject =
        subject && subject->is_string() ? std::string(as_view(subject->get_string())) : principal.customer.str();
    return principal;
}

}  // namespace

Result<std::unique_ptr<TokenAccess>> TokenAccess::create(std::vector<cli::JwtIssuer> const& issuers,
                                                         net::HttpTransport& transport, Clock const& clock) {
    auto made = std::make_unique<TokenAccess>();
    for (auto const& issuer : issuers) {
        net::TokenExpectations expected{.issuer = issuer.issuer};
        if (!issuer.audience.empty()) expected.audience = issuer.audience;
        made->verifiers_.push_back(std::make_unique<net::TokenVerifier<access::Principal>>(
            TRY(open_source(issuer, transport, clock)), std::move(expected), clock,
            [issuer](JsonObject const& claims) { return principal_of(claims, issuer); }));
    }
    return made;
}

std::shared_ptr<access::Principal const> TokenAccess::find(std::string_view token, Timestamp) const {
    for (auto const& verifier : verifiers_)
        if (auto principal = verifier->find_verified(token)) return principal;
    return nullptr;
}

Result<access::Principal> TokenAccess::verify(std::string_view token, Timestamp) const {
    Error last{ErrorKind::unauthenticated, "no_issuer", "no token issuer is configured"};
    for (auto const& verifier : verifiers_) {
        auto const principal = verifier->verify(token);
        if (principal) return **principal;
        last = principal.error();
        // Its issuer has signed it; no other can have.
        if (last.reason == "missing_customer_claim") break;
        // Another issuer may know it only where this one does not claim it.
        bool const may_be_anothers =
            last.reason == "wrong_issuer" || last.reason == "unknown_key" || last.reason == "unsupported_algorithm";
        if (!may_be_anothers && verifiers_.size() == 1) break;
    }
    return fail(std::move(last));
}

}  // namespace billhook::server
