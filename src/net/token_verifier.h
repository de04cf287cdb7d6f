#pragma once
// TokenVerifier: one issuer's tokens, from key set to what their claims mean, with the cache between. An event loop
// asks find_verified(), which costs one hash; verify() does arithmetic that costs several checks, and may fetch keys:
// it belongs on a pool thread.

#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "net/jwks_source.h"
#include "net/jwt.h"
#include "net/verified_token_cache.h"

namespace billhook::net {

template <class Meaning>
class TokenVerifier {
  public:
    using Found = std::shared_ptr<Meaning const>;
    /// What the claims of a good token mean to its reader; an error refuses the token.
    using Read = std::function<Result<Meaning>(JsonObject const& claims)>;

    TokenVerifier(std::unique_ptr<JwksSource> source, TokenExpectations expectations, Clock const& clock, Read read,
                  std::size_t cached_tokens_max = 100'000)
        : source_(std::move(source)),
          expectations_(std::move(expectations)),
          clock_(clock),
          read_(std::move(read)),
          cache_(cached_tokens_max) {}

    /// Null: not seen lately, or keys are to be fetched; ask verify().
    Found find_verified(std::string_view token) {
        auto const keys = source_->current();
        if (!keys || source_->is_refresh_due(Because::of_age)) return nullptr;
        return cache_.find(token, keys.get(), clock_.now());
    }

    /// Errors as verify_token() and the reading, or `unavailable` "jwks_unavailable": there are no keys. Whoever shows
    /// a key that is not known while the keys are being fetched is judged by those that come.
    Result<Found> verify(std::string_view token) {
        auto const keys = TRY(source_->refresh(Because::of_age));
        auto const now = clock_.now();
        if (auto found = cache_.find(token, keys.get(), now)) return found;
        auto verified = verify_with(keys, token, now);
        if (verified || verified.error().reason != "unknown_key") return verified;
        auto const newer = TRY(source_->refresh(Because::of_unknown_key));
        return newer == keys ? verified : verify_with(newer, token, now);
    }

  private:
    using Because = JwksSource::Because;

    Result<Found> verify_with(JwksSource::Keys const& keys, std::string_view token, Timestamp now) {
        auto const verified = TRY(verify_token(token, *keys, now, expectations_));
        auto meaning = std::make_shared<Meaning const>(TRY(read_(verified.claims)));
        cache_.put(token, keys, verified.valid_until, meaning, now);
        return meaning;
    }

    std::unique_ptr<JwksSource> const source_;
    TokenExpectations const expectations_;
    Clock const& clock_;
    Read const read_;
    VerifiedTokenCache<Meaning> cache_;
};

}  // namespace billhook::net
