#pragma once
// TokenVerifier: one issuer's tokens, from key set to claims, with the cache between. An event loop asks
// find_verified(), which costs one hash; verify() does arithmetic that costs several checks, and may fetch keys: it
// belongs on a pool thread.

#include <memory>
#include <string_view>

#include "base/clock.h"
#include "net/jwks_source.h"
#include "net/jwt.h"
#include "net/verified_token_cache.h"

namespace billhook::net {

class TokenVerifier {
  public:
    using Claims = std::shared_ptr<JsonObject const>;

    TokenVerifier(std::unique_ptr<JwksSource> source, TokenExpectations expectations, Clock const& clock,
                  std::size_t cached_tokens_max = 100'000);

    /// Null: not seen lately, or keys are to be fetched; ask verify().
    Claims find_verified(std::string_view token);
    /// Errors as verify_token(), or `unavailable` "jwks_unavailable".
    Result<Claims> verify(std::string_view token);

    TokenExpectations const& expectations() const { return expectations_; }
    VerifiedTokenCache const& cache() const { return cache_; }

  private:
    Result<Claims> verify_with(JwksSource::Keys const& keys, std::string_view token, Timestamp now);

    std::unique_ptr<JwksSource> const source_;
    TokenExpectations const expectations_;
    Clock const& clock_;
    VerifiedTokenCache cache_;
};

}  // namespace billhook::net
