#include "net/jwt.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/check.h"
#include "base/digest.h"

namespace billhook::net {
namespace {

constexpr std::size_t token_bytes_max = 16u << 10;
constexpr std::size_t p256_signature_bytes = 64;
constexpr double seconds_max = 1e11;  // the year 5138: beyond it a date is a mistake in its unit

Error refused(char const* reason, char const* detail) {
    return {ErrorKind::unauthenticated, reason, detail};
}

Error malformed(char const* detail) {
    return refused("malformed_token", detail);
}

struct Parts {
    std::string_view header, payload, signature;  // still in base64url
    std::string_view signed_text;
};

Result<Parts> split(std::string_view token) {
    if (token.size() > token_bytes_max) return fail(malformed("the token is longer than 16 KiB"));
    auto const first = token.find('.'), last = token.rfind('.');
    bool const is_three = first != last && std::ranges::count(token, '.') == 2;
    if (!is_three) return fail(malformed("expected a token of three parts separated by dots"));
    Parts const parts{token.substr(0, first), token.substr(first + 1, last - first - 1), token.substr(last + 1),
                      token.substr(0, last)};
    if (parts.header.empty() || parts.payload.empty())
        return fail(malformed("expected a token with a header and claims"));
    return parts;
}

Result<JsonObject> decode_object(std::string_view part) {
    auto const text = from_base64url(part);
    if (!text) return fail(malformed("expected every part of the token in base64url"));
    auto json = parse_json(*text);
    if (!json || !json->is_object()) return fail(malformed("expected header and claims to be JSON objects"));
    return std::move(json->get_object());
}

// The pair of numbers that JOSE writes one after the other, as the DER that OpenSSL reads.
std::string to_der(std::string_view signature) {
    if (signature.size() != p256_signature_bytes) return {};
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> const pair(ECDSA_SIG_new(), &ECDSA_SIG_free);
    constexpr int half = p256_signature_bytes / 2;
    CHECK(ECDSA_SIG_set0(pair.get(), BN_bin2bn(bytes_of(signature), half, nullptr),
                         BN_bin2bn(bytes_of(signature) + half, half, nullptr)) == 1);
    unsigned char* der = nullptr;
    int const size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return {};
    std::string text(reinterpret_cast<char const*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

bool has_signed(VerificationKey const& key, std::string_view text, std::string_view signature) {
    static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::string const der = key.algorithm == SignatureAlgorithm::es256 ? to_der(signature) : std::string();
    if (key.algorithm == SignatureAlgorithm::es256) signature = der;
    if (signature.empty()) return false;
    auto const* digest = key.algorithm == SignatureAlgorithm::ed_dsa ? nullptr : sha256;
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

Status verify_signature(Parts const& parts, JwksKeySet const& keys) {
    auto const header = TRY(decode_object(parts.header));
    // RFC 7515 section 4.1.11: what is marked critical and not understood must be refused, and we understand none.
    if (find(header, "crit")) return fail(malformed("the token demands an extension that is not supported"));
    auto const* name = find(header, "alg");
    if (!name || !name->is_string()) return fail(malformed("expected the header to name an algorithm"));
    auto const algorithm = parse_signature_algorithm(as_view(name->get_string()));
    if (!algorithm) return fail(refused("unsupported_algorithm", "expected a token signed by RS256, ES256 or EdDSA"));
    auto const* id = find(header, "kid");
    if (id && !id->is_string()) return fail(malformed("expected the header's kid to be text"));
    auto const* key = keys.find(id ? as_view(id->get_string()) : std::string_view(), *algorithm);
    if (!key) return fail(refused("unknown_key", "no key of the issuer has the token's kid and algorithm"));
    auto const signature = from_base64url(parts.signature);
    if (!signature) return fail(malformed("expected every part of the token in base64url"));
    if (!has_signed(*key, parts.signed_text, *signature))
        return fail(refused("bad_signature", "the token was not signed by the issuer's key, or was changed since"));
    return {};
}

// RFC 7519 NumericDate: seconds, possibly with a fraction.
Result<std::optional<Timestamp>> find_date(JsonObject const& claims, std::string_view name) {
    auto const* value = find(claims, name);
    if (!value) return std::nullopt;
    if (!value->is_number()) return fail(malformed("expected the token's dates to be numbers of seconds"));
    auto const seconds = value->to_number<double>();
    if (!(std::abs(seconds) < seconds_max)) return fail(malformed("expected the token's dates to be in seconds"));
    return Timestamp{static_cast<std::int64_t>(std::floor(seconds * 1000))};
}

bool names_audience(JsonObject const& claims, std::string_view audience) {
    auto const* value = find(claims, "aud");
    if (!value) return false;
    auto const is_it = [&](Json const& one) { return one.is_string() && as_view(one.get_string()) == audience; };
    if (auto const* list = value->if_array()) return std::ranges::any_of(*list, is_it);
    return is_it(*value);
}

}  // namespace

Result<VerifiedToken> verify_token(std::string_view token, JwksKeySet const& keys, Timestamp now,
                                   TokenExpectations const& expected) {
    auto const parts = TRY(split(token));
    TRY_VOID(verify_signature(parts, keys));
    VerifiedToken verified{.claims = TRY(decode_object(parts.payload))};
    auto const* issuer = find(verified.claims, "iss");
    if (!issuer || !issuer->is_string() || as_view(issuer->get_string()) != expected.issuer)
        return fail(refused("wrong_issuer", "the token comes from another issuer than the one expected"));
    if (expected.audience && !names_audience(verified.claims, *expected.audience))
        return fail(refused("wrong_audience", "the token is meant for another audience"));
    auto const expiry = TRY(find_date(verified.claims, "exp"));
    if (!expiry) return fail(malformed("expected the token to have an expiry (exp)"));
    auto const beginning = TRY(find_date(verified.claims, "nbf"));
    verified.valid_until = *expiry + expected.leeway;
    if (now >= verified.valid_until) return fail(refused("token_expired", "the token has expired; sign in again"));
    if (beginning && now < *beginning - expected.leeway)
        return fail(refused("token_not_yet_valid", "the token is not valid yet; compare the clocks"));
    return verified;
}

std::optional<std::string> issuer_named_in(std::string_view token) {
    auto const parts = split(token);
    auto const claims = parts ? decode_object(parts->payload) : std::unexpected(parts.error());
    auto const* issuer = claims ? find(*claims, "iss") : nullptr;
    if (!issuer || !issuer->is_string()) return std::nullopt;
    return std::string(as_view(issuer->get_string()));
}

}  // namespace billhook::net
