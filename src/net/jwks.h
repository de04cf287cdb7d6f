#pragma once
// JSON Web Key Sets (RFC 7517): the public keys of whoever issues tokens. Understood are RSA from 2048 bits, EC P-256
// and Ed25519; other keys, and keys not meant for signatures, are passed over as the RFC asks.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace billhook::net {

/// A text as OpenSSL takes it.
inline unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

/// No others: no HMAC (a public key taken for a shared secret lets anyone sign), and never "none".
enum class SignatureAlgorithm { rs256, es256, ed_dsa };

std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view name);

struct VerificationKey {
    std::string id;                // "kid"; may be empty
    SignatureAlgorithm algorithm;  // each kind of key serves exactly one
    std::shared_ptr<evp_pkey_st> key;
};

class JwksKeySet {
  public:
    /// Errors are `invalid` with reason "invalid_jwks": not a key set, or no key in it is of use.
    static Result<JwksKeySet> parse(std::string_view json);

    /// The key of that id for that algorithm. A token without an id fits only where one key could have been meant.
    VerificationKey const* find(std::string_view id, SignatureAlgorithm algorithm) const;
    std::size_t size() const { return keys_.size(); }

  private:
    std::vector<VerificationKey> keys_;
};

}  // namespace billhook::net
