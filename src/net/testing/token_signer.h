#pragma once
// Makes keys and signs tokens, good and bad. Included by tests only: this program issues no tokens.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/digest.h"
#include "base/json.h"

namespace billhook::net::testing {

class TokenSigner {
  public:
    /// `algorithm` is RS256, ES256 or EdDSA.
    TokenSigner(std::string algorithm, std::string id, int rsa_bits = 2048)
        : algorithm_(std::move(algorithm)), id_(std::move(id)) {
        EVP_PKEY* const key = algorithm_ == "RS256"   ? EVP_RSA_gen(static_cast<unsigned>(rsa_bits))
                              : algorithm_ == "ES256" ? EVP_EC_gen("P-256")
                                                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        CHECK(key != nullptr);
        key_ = {key, EVP_PKEY_free};
    }

    JsonObject jwk() const {
        JsonObject jwk{{"kid", id_}, {"use", "sig"}};
        if (algorithm_ == "RS256") {
            jwk["kty"] = "RSA";
            jwk["n"] = number(OSSL_PKEY_PARAM_RSA_N);
            jwk["e"] = number(OSSL_PKEY_PARAM_RSA_E);
        } else if (algorithm_ == "ES256") {
            jwk["kty"] = "EC";
            jwk["crv"] = "P-256";
            jwk["x"] = number(OSSL_PKEY_PARAM_EC_PUB_X, 32);
            jwk["y"] = number(OSSL_PKEY_PARAM_EC_PUB_Y, 32);
        } else {
            std::string raw(32, '\0');
            std::size_t size = raw.size();
            EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
            jwk["kty"] = "OKP";
            jwk["crv"] = "Ed25519";
            jwk["x"] = to_base64url(raw);
        }
        return jwk;
    }

    JsonObject header() const { return {{"alg", algorithm_}, {"kid", id_}, {"typ", "JWT"}}; }
    std::string sign(JsonObject const& claims) const {
        return sign(billhook::to_text(header()), billhook::to_text(claims));
    }
    std::string sign(std::string_view header, std::string_view claims) const {
        std::string const text = to_base64url(header) + "." + to_base64url(claims);
        return text + "." + to_base64url(signature_of(text));
    }

  private:
    std::string number(char const* parameter, int bytes = 0) const {
        BIGNUM* value = nullptr;
        CHECK(EVP_PKEY_get_bn_param(key_.get(), parameter, &value) == 1);
        auto text = padded(value, bytes > 0 ? bytes : BN_num_bytes(value));
        BN_free(value);
        return to_base64url(text);
    }
    static std::string padded(BIGNUM const* value, int bytes) {
        std::string text(static_cast<std::size_t>(bytes), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()), bytes);
        return text;
    }
    std::string signature_of(std::string const& text) const {
        std::string signature(1024, '\0');
        std::size_t size = signature.size();
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        auto* const out = reinterpret_cast<unsigned char*>(signature.data());
        CHECK(EVP_DigestSignInit(context, nullptr, algorithm_ == "EdDSA" ? nullptr : EVP_sha256(), nullptr,
                                 key_.get()) == 1);
        CHECK(EVP_DigestSign(context, out, &size, reinterpret_cast<unsigned char const*>(text.data()), text.size()) ==
              1);
        EVP_MD_CTX_free(context);
        signature.resize(size);
        if (algorithm_ != "ES256") return signature;
        auto const* der = reinterpret_cast<unsigned char const*>(signature.data());
        ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size));
        auto const raw = padded(ECDSA_SIG_get0_r(pair), 32) + padded(ECDSA_SIG_get0_s(pair), 32);
        ECDSA_SIG_free(pair);
        return raw;
    }

    std::string algorithm_, id_;
    std::shared_ptr<EVP_PKEY> key_;
};

inline std::string key_set(std::initializer_list<JsonObject> keys) {
    JsonArray list;
    for (auto const& key : keys) list.push_back(key);
    return billhook::to_text(JsonObject{{"keys", list}});
}

}  // namespace billhook::net::testing
