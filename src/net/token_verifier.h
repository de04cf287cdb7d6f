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

    /// Errors as verify_token() and the reading, or `unavailable` "jwks_unavailable": there are no keys, or the token's
    /// is not among those that were fetched before it came. "unknown_key" is said by keys that were fetched since.
    Result<Found> verify(std::string_view token) {
        auto const fetched_before = source_->fetch_count();
        auto const keys = TRY(source_->refresh(Because::of_age));
        auto const now = clock_.now();
        if (auto found = cache_.find(token, keys.get(), now)) return found;
        auto verified = verify_with(keys, token, now);
        if (verified || verified.error().reason != "unknown_key") return verified;
        auto const newer = TRY(source_->refresh(Because::of_unknown_key));
        if (newer != keys) return verify_with(newer, token, now);
        if (source_->is_fixed() || source_->fetch_count() != fetched_before) return verified;
        return fail(not_fetched_yet());
    }

  private:
    using Because = JwksSource::Because;

    /// The issuer may have changed its keys since, and must not be asked again for every token that is made up.
    Error not_fetched_yet() const {
        Error error = unavailable("jwks_unavailable",
                                  "the token's key is not among the issuer's keys as they were last "
                                  "fetched; they will be fetched again");
        error.extra["retry_after_s"] = source_->wait_for_refresh().ms / 1000 + 1;
        return error;
    }

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
