#include "net/jwt.h"

#include <gtest/gtest.h>

#include "net/testing/token_signer.h"

namespace billhook::net::jwt_test {
namespace {

using testing::key_set;
using testing::TokenSigner;

Timestamp const now = Timestamp::from_seconds(1'700'000'000);
TokenExpectations const expected{
    .issuer = "https://issuer.test/", .audience = "billhook", .leeway = Duration::seconds(10)};

JsonObject good_claims() {
    return {{"iss", "https://issuer.test/"}, {"aud", "billhook"}, {"sub", "user_1"}, {"exp", now.seconds() + 300}};
}

JsonObject with(JsonObject claims, std::string_view name, Json value) {
    claims[name] = std::move(value);
    return claims;
}
JsonObject without(JsonObject claims, std::string_view name) {
    claims.erase(name);
    return claims;
}

std::string reason_of(Result<VerifiedToken> const& verified) {
    return verified ? "good" : verified.error().reason;
}

TEST(Jwt, VerifiesEachAlgorithmAndNothingTampered) {
    for (auto const* algorithm : {"RS256", "ES256", "EdDSA"}) {
        TokenSigner const signer(algorithm, "k1"), stranger(algorithm, "k1");
        auto const keys = *JwksKeySet::parse(key_set({signer.jwk()}));
        for (int round = 0; round < 20; ++round) {  // ES256 numbers with leading zeros come by now and then
            auto const token = signer.sign(with(good_claims(), "round", round));
            auto const verified = verify_token(token, keys, now, expected);
            ASSERT_TRUE(verified) << algorithm << verified.error().detail;
            EXPECT_EQ(string_or(verified->claims, "sub"), "user_1");
            EXPECT_EQ(verified->valid_until, now + Duration::seconds(310));
        }
        auto const token = signer.sign(good_claims());
        auto const forged = stranger.sign(good_claims());
        EXPECT_EQ(reason_of(verify_token(forged, keys, now, expected)), "bad_signature") << algorithm;
        auto const signature = token.rfind('.') + 1;
        for (std::size_t i = token.find('.') + 1; i < token.size(); i += 7) {
            auto changed = token;
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            auto const reason = reason_of(verify_token(changed, keys, now, expected));
            EXPECT_TRUE(reason == "bad_signature" || reason == "malformed_token") << algorithm << " " << i << reason;
        }
        for (std::string const end : {"", "AAAA", "AA"})
            EXPECT_EQ(reason_of(verify_token(token.substr(0, signature) + end, keys, now, expected)), "bad_signature");
        EXPECT_EQ(reason_of(verify_token(token + "AAAA", keys, now, expected)), "bad_signature") << algorithm;
        auto const shorter = to_base64url(from_base64url(token.substr(signature))->substr(1));
        EXPECT_EQ(reason_of(verify_token(token.substr(0, signature) + shorter, keys, now, expected)), "bad_signature");
        // A signature of zeros: the hole that some ECDSA verifiers had.
        auto const zeros = to_base64url(std::string(64, '\0'));
        EXPECT_EQ(reason_of(verify_token(token.substr(0, signature) + zeros, keys, now, expected)), "bad_signature");
    }
}

// RFC 7515 appendix A.2 and A.3, RFC 8037 appendix A.4: tokens that others have signed.
TEST(Jwt, VerifiesThePublishedExamples) {
    TokenExpectations const joe{.issuer = "joe", .audience = std::nullopt};
    Timestamp const then = Timestamp::from_seconds(1'300'819'000);
    auto const es256 = *JwksKeySet::parse(
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
    EXPECT_EQ(reason_of(verify_token(
                  "eyJhbGciOiJFUzI1NiJ9."
                  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp"
                  "0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
                  es256, then, joe)),
              "good");
    auto const rs256 = *JwksKeySet::parse(
        R"({"keys":[{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]})");
    EXPECT_EQ(
        reason_of(verify_token("eyJhbGciOiJSUzI1NiJ9."
                               "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp"
                               "0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_"
                               "lF5YKt_O8W2Fp5jujGbds9"
                               "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
                               "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
                               "LcOLn6_dO--xi12jzDwusC-"
                               "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVm"
                               "tVrBp0igcN_IoypGlUPQGe77Rw",
                               rs256, then, joe)),
        "good");
    // Its payload is a sentence: the signature holds, and only then is it found to be no claims.
    auto const ed25519 = *JwksKeySet::parse(
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
    std::string const sentence =
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
        "09PGcvMg3AIbQR6dWbhijcNR4ki4iyl"
        "Gjg5BhVsPt9g7sVvpAr_MuM0KAg";
    EXPECT_EQ(reason_of(verify_token(sentence, ed25519, then, joe)), "malformed_token");
    EXPECT_EQ(reason_of(verify_token(sentence.substr(0, 30) + "X" + sentence.substr(31), ed25519, then, joe)),
              "bad_signature");
}

TEST(Jwt, ChecksTheClaims) {
    TokenSigner const signer("EdDSA", "k1");
    auto const keys = *JwksKeySet::parse(key_set({signer.jwk()}));
    auto const seconds = now.seconds();
    struct Case {
        char const* name;
        JsonObject claims;
        char const* reason;
    };
    Case const cases[] = {
        {"as it should be", good_claims(), "good"},
        {"audience in a list", with(good_claims(), "aud", JsonArray{"other", "billhook"}), "good"},
        {"expiry with a fraction", with(good_claims(), "exp", static_cast<double>(seconds) + 0.5), "good"},
        {"not before, just now", with(good_claims(), "nbf", seconds), "good"},
        {"not before, within the leeway", with(good_claims(), "nbf", seconds + 10), "good"},
        {"not before, beyond the leeway", with(good_claims(), "nbf", seconds + 11), "token_not_yet_valid"},
        {"expired within the leeway", with(good_claims(), "exp", seconds - 9), "good"},
        {"expired at the end of the leeway", with(good_claims(), "exp", seconds - 10), "token_expired"},
        {"expired long ago", with(good_claims(), "exp", 0), "token_expired"},
        {"no expiry", without(good_claims(), "exp"), "malformed_token"},
        {"expiry as text", with(good_claims(), "exp", "1700000300"), "malformed_token"},
        {"expiry null", with(good_claims(), "exp", nullptr), "malformed_token"},
        {"expiry in milliseconds", with(good_claims(), "exp", now.ms), "malformed_token"},
        {"expiry beyond all numbers", with(good_claims(), "exp", 1e300), "malformed_token"},
        {"not before as text", with(good_claims(), "nbf", "0"), "malformed_token"},
        {"other issuer", with(good_claims(), "iss", "https://issuer.test"), "wrong_issuer"},
        {"no issuer", without(good_claims(), "iss"), "wrong_issuer"},
        {"issuer as list", with(good_claims(), "iss", JsonArray{"https://issuer.test/"}), "wrong_issuer"},
        {"other audience", with(good_claims(), "aud", "billhook2"), "wrong_audience"},
        {"other audiences", with(good_claims(), "aud", JsonArray{"a", 1, nullptr}), "wrong_audience"},
        {"no audience", without(good_claims(), "aud"), "wrong_audience"},
        {"audience as object", with(good_claims(), "aud", JsonObject{{"billhook", true}}), "wrong_audience"},
    };
    for (auto const& c : cases)
        EXPECT_EQ(reason_of(verify_token(signer.sign(c.claims), keys, now, expected)), c.reason) << c.name;

    auto any_audience = expected;
    any_audience.audience = std::nullopt;
    EXPECT_EQ(reason_of(verify_token(signer.sign(without(good_claims(), "aud")), keys, now, any_audience)), "good");
}

TEST(Jwt, RefusesHeadersThatAskForTrouble) {
    TokenSigner const rsa("RS256", "k1"), ed("EdDSA", "k2");
    auto const keys = *JwksKeySet::parse(key_set({rsa.jwk(), ed.jwk()}));
    auto const claims = billhook::to_text(good_claims());
    struct Case {
        char const* header;
        char const* reason;
    };
    Case const cases[] = {
        {R"({"alg":"RS256","kid":"k1"})", "good"},
        {R"({"alg":"RS256"})", "good"},  // one RSA key: no doubt which
        {R"({"alg":"none","kid":"k1"})", "unsupported_algorithm"},
        {R"({"alg":"None"})", "unsupported_algorithm"},
        {R"({"alg":"HS256","kid":"k1"})", "unsupported_algorithm"},
        {R"({"alg":"RS512","kid":"k1"})", "unsupported_algorithm"},
        {R"({"alg":"PS256","kid":"k1"})", "unsupported_algorithm"},
        {R"({"alg":"rs256","kid":"k1"})", "unsupported_algorithm"},
        {R"({"alg":"","kid":"k1"})", "unsupported_algorithm"},
        // The kid leads to a key of another kind.
        {R"({"alg":"EdDSA","kid":"k1"})", "unknown_key"},
        {R"({"alg":"RS256","kid":"k2"})", "unknown_key"},
        {R"({"alg":"ES256","kid":"k1"})", "unknown_key"},
        {R"({"alg":"ES256"})", "unknown_key"},
        {R"({"alg":"RS256","kid":"k3"})", "unknown_key"},
        // The right kind, but somebody else's signature.
        {R"({"alg":"EdDSA","kid":"k2"})", "bad_signature"},
        {R"({"kid":"k1"})", "malformed_token"},
        {R"({"alg":["RS256"],"kid":"k1"})", "malformed_token"},
        {R"({"alg":"RS256","kid":1})", "malformed_token"},
        {R"({"alg":"RS256","kid":"k1","crit":["exp"],"exp":1})", "malformed_token"},
        {R"({"alg":"RS256","kid":"k1","b64":false,"crit":["b64"]})", "malformed_token"},
        {R"({"alg":"RS256","alg":"none","kid":"k1"})", "malformed_token"},
        {R"(["RS256"])", "malformed_token"},
        {R"(nonsense)", "malformed_token"},
        // A key brought along is not looked at.
        {R"({"alg":"RS256","kid":"k9","jwk":{"kty":"RSA"},"jku":"https://evil.test"})", "unknown_key"},
    };
    for (auto const& c : cases)
        EXPECT_EQ(reason_of(verify_token(rsa.sign(c.header, claims), keys, now, expected)), c.reason) << c.header;
}

// The classic: the public key, as anyone may read it, used as an HMAC secret.
TEST(Jwt, RefusesAPublicKeyUsedAsASecret) {
    TokenSigner const rsa("RS256", "k1");
    auto const set = key_set({rsa.jwk()});
    auto const text =
        to_base64url(R"({"alg":"HS256","kid":"k1"})") + "." + to_base64url(billhook::to_text(good_claims()));
    auto const mac = hmac_sha256(string_or(Json(rsa.jwk()), "n"), text);
    auto const token = text + "." + to_base64url({reinterpret_cast<char const*>(mac.data()), mac.size()});
    EXPECT_EQ(reason_of(verify_token(token, *JwksKeySet::parse(set), now, expected)), "unsupported_algorithm");
    // And a secret in the set is not taken for a key at all.
    EXPECT_FALSE(JwksKeySet::parse(R"({"keys":[{"kty":"oct","kid":"k1","k":"c2VjcmV0","alg":"HS256"}]})"));
}

TEST(Jwt, RefusesWhatIsNoToken) {
    TokenSigner const signer("EdDSA", "k1");
    auto const keys = *JwksKeySet::parse(key_set({signer.jwk()}));
    auto const token = signer.sign(good_claims());
    auto const unsigned_part = token.substr(0, token.rfind('.'));
    std::string const cases[] = {"",
                                 ".",
                                 "..",
                                 "...",
                                 "a.b",
                                 "a.b.c.d",
                                 unsigned_part,
                                 token + ".x",
                                 "." + token,
                                 token + "=",
                                 token + " ",
                                 " " + token,
                                 "Bearer " + token,
                                 std::string(20'000, 'a') + "." + token,
                                 token.substr(0, token.find('.')) + "..",
                                 signer.sign(billhook::to_text(signer.header()), "[]"),
                                 signer.sign(billhook::to_text(signer.header()), ""),
                                 signer.sign(billhook::to_text(signer.header()), R"({"exp":1,"exp":2})")};
    for (auto const& text : cases)
        EXPECT_EQ(reason_of(verify_token(text, keys, now, expected)), "malformed_token") << text.substr(0, 100);
}

TEST(Jwks, TakesWhatVerifiesAndPassesOverTheRest) {
    TokenSigner const rsa("RS256", "r"), ec("ES256", "e"), ed("EdDSA", "d"), short_rsa("RS256", "s", 1024);
    auto off_curve = ec.jwk();
    off_curve["y"] = off_curve["x"];
    struct Case {
        char const* name;
        JsonObject jwk;
        bool is_taken;
    };
    Case const cases[] = {
        {"RSA", rsa.jwk(), true},
        {"EC", ec.jwk(), true},
        {"Ed25519", ed.jwk(), true},
        {"no use", without(rsa.jwk(), "use"), true},
        {"no id", without(rsa.jwk(), "kid"), true},
        {"its algorithm", with(rsa.jwk(), "alg", "RS256"), true},
        {"operations", with(rsa.jwk(), "key_ops", JsonArray{"verify"}), true},
        {"for encryption", with(rsa.jwk(), "use", "enc"), false},
        {"for other operations", with(rsa.jwk(), "key_ops", JsonArray{"encrypt"}), false},
        {"bound to PS256", with(rsa.jwk(), "alg", "PS256"), false},
        {"bound to HS256", with(rsa.jwk(), "alg", "HS256"), false},
        {"bound to another kind", with(ec.jwk(), "alg", "RS256"), false},
        {"short RSA", short_rsa.jwk(), false},
        {"RSA, exponent 1", with(rsa.jwk(), "e", "AQ"), false},
        {"RSA, even exponent", with(rsa.jwk(), "e", "Ag"), false},
        {"RSA, huge exponent", with(rsa.jwk(), "e", Json(std::string(40, 'B'))), false},
        {"RSA, huge modulus", with(rsa.jwk(), "n", Json(std::string(4000, '_'))), false},
        {"RSA without modulus", without(rsa.jwk(), "n"), false},
        {"RSA, modulus not base64url", with(rsa.jwk(), "n", "+/=="), false},
        {"EC on another curve", with(ec.jwk(), "crv", "P-384"), false},
        {"EC, point off the curve", off_curve, false},
        {"EC, short coordinate", with(ec.jwk(), "x", "AQ"), false},
        {"X25519", with(ed.jwk(), "crv", "X25519"), false},
        {"Ed25519, short", with(ed.jwk(), "x", "AQ"), false},
        {"unknown kind", with(rsa.jwk(), "kty", "AKP"), false},
        {"no kind", without(rsa.jwk(), "kty"), false},
    };
    for (auto const& c : cases) {
        EXPECT_EQ(JwksKeySet::parse(key_set({c.jwk})).has_value(), c.is_taken) << c.name;
        auto const beside_good = JwksKeySet::parse(key_set({c.jwk, ed.jwk()}));
        ASSERT_TRUE(beside_good) << c.name;
        EXPECT_EQ(beside_good->size(), c.is_taken ? 2u : 1u) << c.name;
    }
    for (auto const* text :
         {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[1,"x",null]})", "nonsense"}) {
        auto const refused = JwksKeySet::parse(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().reason, "invalid_jwks");
    }
}

TEST(Jwks, FindsByIdAndByWhatIsUnmistakable) {
    TokenSigner const a("EdDSA", "a"), b("EdDSA", "b"), r("RS256", "a");
    auto const keys = *JwksKeySet::parse(key_set({a.jwk(), b.jwk(), r.jwk()}));
    using enum SignatureAlgorithm;
    EXPECT_EQ(keys.find("b", ed_dsa)->id, "b");
    EXPECT_EQ(keys.find("a", rs256)->algorithm, rs256);  // one id, two kinds
    EXPECT_EQ(keys.find("", rs256)->id, "a");
    EXPECT_EQ(keys.find("", ed_dsa), nullptr);
    EXPECT_EQ(keys.find("c", ed_dsa), nullptr);
    EXPECT_EQ(keys.find("a", es256), nullptr);
}

}  // namespace
}  // namespace billhook::net::jwt_test
