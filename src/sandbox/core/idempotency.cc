#include "sandbox/core/idempotency.h"

namespace billhook::sandbox {

Answer<std::optional<KeptResult>> IdempotencyKeys::claim(std::string const& key, std::string fingerprint,
                                                         std::int64_t now) {
    std::lock_guard const lock(mutex_);
    if (now - pruned_at_ > kept_seconds) {
        std::erase_if(entries_, [&](auto const& entry) {
            return entry.second.result && now - entry.second.claimed_at > kept_seconds;
        });
        pruned_at_ = now;
    }
    auto& entry = entries_[key];
    bool const is_over = entry.result && now - entry.claimed_at > kept_seconds;
    if (entry.fingerprint.empty() || is_over) {
        entry = {std::move(fingerprint), now, std::nullopt};
        return std::nullopt;
    }
    if (entry.fingerprint != fingerprint)
        return refuse({400, "idempotency_error", "",
                       "Keys for idempotent requests can only be used with the same parameters they were first used "
                       "with. Try using a key other than '" +
                           key + "' if you meant to execute a different request."});
    if (!entry.result)
        return refuse({409, "idempotency_error", "idempotency_key_in_use",
                       "There is currently another in-progress request using this Idempotent Key (that probably means "
                       "you submitted twice, and the other request is still going through): " +
                           key + ". Please try again later."});
    return entry.result;
}

void IdempotencyKeys::finish(std::string const& key, KeptResult result) {
    std::lock_guard const lock(mutex_);
    entries_[key].result = std::move(result);
}

void IdempotencyKeys::restore(std::string key, std::string fingerprint, std::int64_t claimed_at, KeptResult result) {
    std::lock_guard const lock(mutex_);
    entries_[std::move(key)] = {std::move(fingerprint), claimed_at, std::move(result)};
}

void IdempotencyKeys::release(std::string const& key) {
    std::lock_guard const lock(mutex_);
    entries_.erase(key);
}

}  // namespace billhook::sandbox
