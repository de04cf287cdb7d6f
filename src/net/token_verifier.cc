#include "net/token_verifier.h"

namespace billhook::net {

using Because = JwksSource::Because;

TokenVerifier::TokenVerifier(std::unique_ptr<JwksSource> source, TokenExpectations expectations, Clock const& clock,
                             std::size_t cached_tokens_max)
    : source_(std::move(source)), expectations_(std::move(expectations)), clock_(clock), cache_(cached_tokens_max) {}

TokenVerifier::Claims TokenVerifier::find_verified(std::string_view token) {
    auto const keys = source_->current();
    if (!keys || source_->is_refresh_due(Because::of_age)) return nullptr;
    return cache_.find(token, keys.get(), clock_.now());
}

Result<TokenVerifier::Claims> TokenVerifier::verify(std::string_view token) {
    auto const keys = TRY(source_->refresh(Because::of_age));
    auto const now = clock_.now();
    if (auto claims = cache_.find(token, keys.get(), now)) return claims;
    auto verified = verify_with(keys, token, now);
    if (verified || verified.error().reason != "unknown_key") return verified;
    auto const newer = TRY(source_->refresh(Because::of_unknown_key));
    return newer == keys ? verified : verify_with(newer, token, now);
}

Result<TokenVerifier::Claims> TokenVerifier::verify_with(JwksSource::Keys const& keys, std::string_view token,
                                                         Timestamp now) {
    auto verified = TRY(verify_token(token, *keys, now, expectations_));
    auto claims = std::make_shared<JsonObject const>(std::move(verified.claims));
    cache_.put(token, keys, verified, claims, now);
    return claims;
}

}  // namespace billhook::net
