#include "server/token_access.h"

#include <gtest/gtest.h>

#include <map>

#include "net/testing/token_signer.h"

namespace billhook::server::token_access_test {
namespace {

using net::testing::key_set;
using net::testing::TokenSigner;

Timestamp const start = Timestamp::from_seconds(1'700'000'000);

/// The addresses of issuers' keys; whoever is not listed cannot be reached.
class Issuers : public net::HttpTransport {
  public:
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration) override {
        auto const known = keys.find(request.target);
        if (known == keys.end()) return fail(unavailable("connect_failed", "nobody there"));
        return net::HttpResponse{.body = known->second};
    }
    std::map<std::string, std::string> keys;
};

class TokenAccessTest : public testing::Test {
  protected:
    static cli::JwtIssuer issuer(std::string const& name, std::string const& audience = "") {
        return {.issuer = name, .audience = audience, .jwks_url = "https://" + name + "/jwks.json"};
    }
    std::unique_ptr<TokenAccess> access_of(std::vector<cli::JwtIssuer> const& configured) {
        return std::move(*TokenAccess::create(configured, issuers, clock));
    }
    /// Who the token's caller is, or why it is refused.
    static std::string answer(TokenAccess const& access, std::string const& token) {
        auto const verified = access.verify(token, start);
        return verified ? verified->subject : verified.error().reason;
    }
    static JsonObject claims(std::string const& of, JsonObject const& changes = {}) {
        JsonObject all{{"iss", of}, {"sub", "anna"}, {"customer_id", "acme"}, {"exp", start.seconds() + 600}};
        for (auto const& each : changes) all[each.key()] = each.value();
        return all;
    }

    ManualClock clock{start};
    Issuers issuers;
    TokenSigner const a{"EdDSA", "a"}, b{"EdDSA", "b"};
};

TEST_F(TokenAccessTest, OfSeveralIssuersTheOneThatTheTokenNamesAnswers) {
    issuers.keys = {{"https://a.test/jwks.json", key_set({a.jwk()})}, {"https://b.test/jwks.json", key_set({b.jwk()})}};
    auto const access = access_of({issuer("a.test"), issuer("b.test")});
    auto const expired = start.seconds() - 1000, later = start.seconds() + 300;
    EXPECT_EQ(answer(*access, a.sign(claims("a.test"))), "anna");
    EXPECT_EQ(answer(*access, b.sign(claims("b.test"))), "anna");
    EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"exp", expired}}))), "token_expired");
    EXPECT_EQ(answer(*access, b.sign(claims("b.test", {{"exp", expired}}))), "token_expired");
    EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"nbf", later}}))), "token_not_yet_valid");
    EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"customer_id", 7}}))), "missing_customer_claim");
    EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"exp", "soon"}}))), "malformed_token");
    EXPECT_EQ(answer(*access, b.sign(claims("a.test"))), "unknown_key");
    EXPECT_EQ(answer(*access, a.sign(claims("c.test"))), "wrong_issuer");
    for (auto const* text : {"", "a.b.c", "..", "nothing"}) EXPECT_EQ(answer(*access, text), "malformed_token") << text;
}

TEST_F(TokenAccessTest, WhoCannotBeAskedNowIsNoReasonToRefuse) {
    issuers.keys = {{"https://b.test/jwks.json", key_set({b.jwk()})}};
    auto const access = access_of({issuer("a.test"), issuer("b.test")});
    auto const refused = access->verify(a.sign(claims("a.test")), start);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(answer(*access, b.sign(claims("b.test"))), "anna");
    // The same issuer with a second key set, which does not know the token either.
    auto second = issuer("a.test");
    second.jwks_url = "https://b.test/jwks.json";
    EXPECT_EQ(answer(*access_of({issuer("a.test"), second}), a.sign(claims("a.test"))), "jwks_unavailable");
}

TEST_F(TokenAccessTest, OneIssuerMayServeTwoAudiences) {
    issuers.keys = {{"https://a.test/jwks.json", key_set({a.jwk()})}};
    auto const access = access_of({issuer("a.test", "billing"), issuer("a.test", "support")});
    for (auto const* audience : {"billing", "support"})
        EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"aud", audience}}))), "anna");
    EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"aud", "mail"}}))), "wrong_audience");
    EXPECT_EQ(answer(*access, b.sign(claims("a.test", {{"aud", "mail"}}))), "unknown_key");
}

TEST_F(TokenAccessTest, ASubjectIsNeverLongerThanTheDatabaseTakes) {
    issuers.keys = {{"https://a.test/jwks.json", key_set({a.jwk()})}};
    auto const access = access_of({issuer("a.test")});
    std::string const longest(255, 's'), longer(256, 's');
    EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"sub", longest}}))), longest);
    // printf 's%.0s' $(seq 256) | sha256sum
    EXPECT_EQ(answer(*access, a.sign(claims("a.test", {{"sub", longer}}))),
              "sha256:5dbb9529738ae602f76a348645d43c4ad1489c11b54f14ab8b983b735c101b23");
}

}  // namespace
}  // namespace billhook::server::token_access_test
