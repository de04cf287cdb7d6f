#include "net/verified_token_cache.h"

#include <algorithm>

namespace billhook::net {

VerifiedTokenCache::VerifiedTokenCache(std::size_t tokens_max, Duration age_max)
    : generation_size_max_(std::max<std::size_t>(tokens_max / (2 * std::tuple_size_v<decltype(shards_)>), 1)),
      age_max_(age_max) {}

std::shared_ptr<JsonObject const> VerifiedTokenCache::find(std::string_view token, JwksKeySet const* keys,
                                                           Timestamp now) {
    auto const digest = sha256(token);
    auto& shard = shard_of(digest);
    {
        std::lock_guard lock(shard.mutex);
        auto found = shard.recent.find(digest);
        bool const is_recent = found != shard.recent.end();
        if (!is_recent) found = shard.older.find(digest);
        if (is_recent || found != shard.older.end()) {
            auto const& entry = found->second;
            bool const is_valid = entry.keys.get() == keys && now >= entry.valid_from && now < entry.valid_until;
            if (is_valid) {
                hits_.fetch_add(1, std::memory_order_relaxed);
                auto claims = entry.claims;
                if (!is_recent) keep(shard, digest, std::move(found->second));
                return claims;
            }
        }
    }
    misses_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
}

void VerifiedTokenCache::put(std::string_view token, std::shared_ptr<JwksKeySet const> keys,
                             VerifiedToken const& verified, std::shared_ptr<JsonObject const> claims, Timestamp now) {
    auto const digest = sha256(token);
    auto& shard = shard_of(digest);
    std::lock_guard lock(shard.mutex);
    keep(shard, digest, {std::move(keys), std::move(claims), now, std::min(verified.valid_until, now + age_max_)});
}

void VerifiedTokenCache::keep(Shard& shard, Sha256 const& digest, Entry entry) {
    shard.older.erase(digest);
    if (shard.recent.size() >= generation_size_max_ && !shard.recent.contains(digest)) {
        shard.older = std::move(shard.recent);
        shard.recent = {};
    }
    shard.recent.insert_or_assign(digest, std::move(entry));
}

std::size_t VerifiedTokenCache::size() const {
    std::size_t total = 0;
    for (auto const& shard : shards_) {
        std::lock_guard lock(shard.mutex);
        total += shard.recent.size() + shard.older.size();
    }
    return total;
}

}  // namespace billhook::net
