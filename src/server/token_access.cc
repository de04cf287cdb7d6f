#include "server/token_access.h"

#include <fstream>
#include <sstream>

#include "base/digest.h"
#include "http/customer_id.h"
#include "net/jwt.h"

namespace billhook::server {
namespace {

using access::MemberRole;
using access::Scope;

constexpr std::size_t subject_bytes_max = 255;

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

/// Who did something is kept beside it and is part of a key of the database: a longer name than OpenID Connect allows
/// is known by its digest.
std::string subject_of(JsonObject const& claims, CustomerId const& customer) {
    auto const* subject = find(claims, "sub");
    if (!subject || !subject->is_string()) return customer.str();
    auto const name = as_view(subject->get_string());
    return name.size() <= subject_bytes_max ? std::string(name) : "sha256:" + to_hex(sha256(name));
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
    access::Principal principal{.caller = access::Caller::customer,
                                .customer = std::move(*id),
                                .role = role_of(claims, issuer.role_claim),
                                .scopes = {Scope::customer_read, Scope::customer_write, Scope::entitlement_check}};
    principal.subject = subject_of(claims, principal.customer);
    return principal;
}

/// One issuer may stand there for two audiences, or with two key sets: the next one may know what this one does not.
/// How much each such answer says of the token; nothing where the answer is the last.
std::optional<int> rank_unless_last(Error const& refusal) {
    if (refusal.kind == ErrorKind::unavailable) return 2;
    if (refusal.reason == "wrong_audience") return 1;
    if (refusal.reason == "unknown_key" || refusal.reason == "bad_signature") return 0;
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<TokenAccess>> TokenAccess::create(std::vector<cli::JwtIssuer> const& issuers,
                                                         net::HttpTransport& transport, Clock const& clock) {
    auto made = std::make_unique<TokenAccess>();
    for (auto const& issuer : issuers) {
        net::TokenExpectations expected{.issuer = issuer.issuer};
        if (!issuer.audience.empty()) expected.audience = issuer.audience;
        made->issuers_.push_back(
            {issuer.issuer, std::make_unique<net::TokenVerifier<access::Principal>>(
                                TRY(open_source(issuer, transport, clock)), std::move(expected), clock,
                                [issuer](JsonObject const& claims) { return principal_of(claims, issuer); })});
    }
    return made;
}

std::shared_ptr<access::Principal const> TokenAccess::find(std::string_view token, Timestamp) const {
    for (auto const& issuer : issuers_)
        if (auto principal = issuer.verifier->find_verified(token)) return principal;
    return nullptr;
}

Result<access::Principal> TokenAccess::verify(std::string_view token, Timestamp) const {
    auto const named = net::issuer_named_in(token);
    if (!named)
        return fail(
            Error{ErrorKind::unauthenticated, "malformed_token", "expected a token that names its issuer (iss)"});
    std::optional<Error> refusal;
    for (auto const& issuer : issuers_) {
        if (issuer.name != *named) continue;
        auto const principal = issuer.verifier->verify(token);
        if (principal) return **principal;
        auto const rank = rank_unless_last(principal.error());
        if (!rank) return fail(principal.error());
        if (!refusal || *rank > *rank_unless_last(*refusal)) refusal = principal.error();
    }
    if (refusal) return fail(*std::move(refusal));
    return fail(
        Error{ErrorKind::unauthenticated, "wrong_issuer", "the token comes from an issuer that is not configured"});
}

}  // namespace billhook::server
