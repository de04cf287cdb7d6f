#include "net/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "base/digest.h"
#include "base/json.h"

namespace billhook::net {
namespace {

constexpr int rsa_bits_min = 2048, rsa_bits_max = 8192;  // a longer one would cost each verification dearly
constexpr std::size_t rsa_exponent_bytes_max = 4;
constexpr std::size_t coordinate_bytes = 32, ed25519_key_bytes = 32;
constexpr std::size_t keys_max = 100;

using Key = std::shared_ptr<EVP_PKEY>;

template <auto function>
struct Free {
    void operator()(auto* pointer) const { function(pointer); }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;

std::string decoded(Json const& jwk, char const* member) {
    return from_base64url(string_or(jwk, member)).value_or(std::string());
}

Key from_parameters(char const* type, OSSL_PARAM_BLD* builder) {
    Parameters const parameters(OSSL_PARAM_BLD_to_param(builder));
    Context const context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    bool const is_made = parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                         EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
    return is_made ? Key(key, EVP_PKEY_free) : nullptr;
}

Key rsa_key(Json const& jwk) {
    auto const modulus = decoded(jwk, "n"), exponent = decoded(jwk, "e");
    if (modulus.size() > rsa_bits_max / 8 + 1 || exponent.empty() || exponent.size() > rsa_exponent_bytes_max)
        return nullptr;
    Number const n(BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr));
    Number const e(BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr));
    bool const is_sound = BN_num_bits(n.get()) >= rsa_bits_min && BN_num_bits(n.get()) <= rsa_bits_max &&
                          BN_is_odd(n.get()) && BN_is_odd(e.get()) && !BN_is_one(e.get());
    if (!is_sound) return nullptr;
    Builder const builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    return from_parameters("RSA", builder.get());
}

Key p256_key(Json const& jwk) {
    auto const x = decoded(jwk, "x"), y = decoded(jwk, "y");
    if (string_or(jwk, "crv") != "P-256" || x.size() != coordinate_bytes || y.size() != coordinate_bytes)
        return nullptr;
    std::string const point = "\x04" + x + y;
    Builder const builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    auto key = from_parameters("EC", builder.get());
    if (!key) return nullptr;
    Context const check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    return EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;  // on the curve, and not its infinity
}

Key ed25519_key(Json const& jwk) {
    auto const x = decoded(jwk, "x");
    if (string_or(jwk, "crv") != "Ed25519" || x.size() != ed25519_key_bytes) return nullptr;
    auto* const key = EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(x), x.size());
    return key ? Key(key, EVP_PKEY_free) : nullptr;
}

bool is_for_verifying(Json const& jwk) {
    auto const* use = find(jwk, "use");
    if (use && string_or(jwk, "use") != "sig") return false;
    auto const* operations = find(jwk, "key_ops");
    if (!operations) return true;
    auto const* list = operations->if_array();
    return list && std::ranges::find(*list, Json("verify")) != list->end();
}

std::optional<VerificationKey> read_key(Json const& jwk) {
    if (!is_for_verifying(jwk)) return std::nullopt;
    auto const type = string_or(jwk, "kty");
    VerificationKey read{.id = string_or(jwk, "kid")};
    if (type == "RSA") {
        read.algorithm = SignatureAlgorithm::rs256;
        read.key = rsa_key(jwk);
    } else if (type == "EC") {
        read.algorithm = SignatureAlgorithm::es256;
        read.key = p256_key(jwk);
    } else if (type == "OKP") {
        read.algorithm = SignatureAlgorithm::ed_dsa;
        read.key = ed25519_key(jwk);
    }
    if (!read.key) return std::nullopt;
    // A key may bind itself to one algorithm; bound to another (PS256, say) it is not for us.
    if (find(jwk, "alg") && parse_signature_algorithm(string_or(jwk, "alg")) != read.algorithm) return std::nullopt;
    return read;
}

}  // namespace

std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view name) {
    if (name == "RS256") return SignatureAlgorithm::rs256;
    if (name == "ES256") return SignatureAlgorithm::es256;
    if (name == "EdDSA") return SignatureAlgorithm::ed_dsa;
    return std::nullopt;
}

Result<JwksKeySet> JwksKeySet::parse(std::string_view text) {
    auto const refuse = [](std::string detail) { return fail(invalid("jwks", std::move(detail), "invalid_jwks")); };
    auto const json = parse_json(text);
    if (!json) return refuse("expected a JSON Web Key Set: " + json.error().detail);
    auto const* member = billhook::find(*json, "keys");
    auto const* list = member ? member->if_array() : nullptr;
    if (!list) return refuse("expected a JSON Web Key Set, an object with the array \"keys\"");
    if (list->size() > keys_max) return refuse("expected at most 100 keys");
    JwksKeySet set;
    for (auto const& jwk : *list)
        if (auto key = read_key(jwk)) set.keys_.push_back(*std::move(key));
    if (set.keys_.empty())
        return refuse("expected a public key for signatures: RSA of 2048 bits or more, EC P-256 or Ed25519");
    return set;
}

VerificationKey const* JwksKeySet::find(std::string_view id, SignatureAlgorithm algorithm) const {
    VerificationKey const* found = nullptr;
    for (auto const& key : keys_) {
        if (key.algorithm != algorithm || (!id.empty() && key.id != id)) continue;
        if (found && id.empty()) return nullptr;
        if (!found) found = &key;
    }
    return found;
}

}  // namespace billhook::net
