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
        made->issuers_.push_back({issuer, std::make_unique<net::TokenVerifier>(
                                              TRY(open_source(issuer, transport, clock)), std::move(expected), clock)});
    }
    return made;
}

std::optional<access::Principal> TokenAccess::find(std::string_view token, Timestamp) const {
    for (auto const& issuer : issuers_) {
        auto const claims = issuer.verifier->find_verified(token);
        if (!claims) continue;
        auto principal = principal_of(*claims, issuer.settings);
        return principal ? std::optional(std::move(*principal)) : std::nullopt;
    }
    return std::nullopt;
}

Result<access::Principal> TokenAccess::verify(std::string_view token, Timestamp) const {
    Error last{ErrorKind::unauthenticated, "no_issuer", "no token issuer is configured"};
    for (auto const& issuer : issuers_) {
        auto const claims = issuer.verifier->verify(token);
        if (claims) return principal_of(**claims, issuer.settings);
        last = claims.error();
        // Another issuer may know it only where this one does not claim it.
        bool const may_be_anothers =
            last.reason == "wrong_issuer" || last.reason == "unknown_key" || last.reason == "unsupported_algorithm";
        if (!may_be_anothers && issuers_.size() == 1) break;
    }
    return fail(std::move(last));
}

}  // namespace billhook::server
