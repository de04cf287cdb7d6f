// Tokens and key sets: no bytes are a valid token but those that the key's owner signed, and no single change of a
// valid token leaves it valid.

#include "net/jwt.h"
#include "net/testing/token_signer.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

constexpr Timestamp now{1'790'000'000'000};

struct Issuer {
    net::testing::TokenSigner signer{"EdDSA", "fuzz"}, other{"EdDSA", "fuzz"};
    net::JwksKeySet keys = *net::JwksKeySet::parse(net::testing::key_set({signer.jwk()}));
    net::TokenExpectations expected{.issuer = "https://issuer.example", .audience = "billhook"};

    JsonObject claims() const {
        return {{"iss", "https://issuer.example"}, {"aud", "billhook"}, {"sub", "user"}, {"exp", 1'790'000'600}};
    }
};

void refuses(Issuer const& issuer, std::string_view token) {
    auto const verified = net::verify_token(token, issuer.keys, now, issuer.expected);
    hold(!verified, "nothing is accepted that the issuer did not sign");
    hold(verified.error().kind == ErrorKind::unauthenticated && !verified.error().reason.empty(),
         "a refusal is unauthenticated, with a reason");
}

}  // namespace

void try_input(std::string_view input) {
    static Issuer const issuer;
    static std::string const good = [] {
        refuses(issuer, issuer.other.sign(issuer.claims()));
        auto token = issuer.signer.sign(issuer.claims());
        hold(net::verify_token(token, issuer.keys, now, issuer.expected).has_value(), "the issuer's token is accepted");
        return token;
    }();
    refuses(issuer, input);
    (void)net::JwksKeySet::parse(input);

    auto const header = take_line(input);
    refuses(issuer, issuer.other.sign(header, input));
    // The input's bytes put in the place of one of the token's characters, and beside it.
    auto changed = good;
    auto const at = (header.size() * 31 + input.size()) % good.size();
    changed.replace(at, 1, input.substr(0, 1));
    if (changed != good) refuses(issuer, changed);
    if (!input.empty()) refuses(issuer, std::string(good).insert(at, input));

    // Signed by the issuer, but with claims of the input's choosing: accepted only for this issuer and audience, in
    // time.
    auto const verified = net::verify_token(issuer.signer.sign(to_text(issuer.signer.header()), input), issuer.keys,
                                            now, issuer.expected);
    if (!verified) return;
    hold(string_or(Json(verified->claims), "iss") == issuer.expected.issuer, "an accepted token is of this issuer");
    hold(verified->valid_until > now, "and not over");
}

}  // namespace billhook::fuzz
