#include "sandbox/core/idempotency.h"

namespace billhook::sandbox {

Answer<std::optional<KeptResult>> IdempotencyKeys::claim(std::string const& key, std::string fingerprint,
                                                         std::int64_t now, std::int64_t kept_for) {
    std::lock_guard const lock(mutex_);
    auto const is_over = [&](Entry const& entry) { return entry.result && now > entry.kept_until; };
    if (now - pruned_at_ > kept_seconds) {
        std::erase_if(entries_, [&](auto const& entry) { return is_over(entry.second); });
        pruned_at_ = now;
    }
    auto& entry = entries_[key];
    if (entry.fingerprint.empty() || is_over(entry)) {
        entry = {std::move(fingerprint), now + kept_for, std::nullopt};
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

void IdempotencyKeys::restore(std::string key, std::string fingerprint, std::int64_t kept_until, KeptResult result) {
    std::lock_guard const lock(mutex_);
    entries_[std::move(key)] = {std::move(fingerprint), kept_until, std::move(result)};
}

void IdempotencyKeys::release(std::string const& key) {
    std::lock_guard const lock(mutex_);
    entries_.erase(key);
}

}  // namespace billhook::sandbox
