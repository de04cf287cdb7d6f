#pragma once
// VerifiedTokenCache: tokens found good, by the SHA-256 of their text, until they expire. A verification costs as much
// as several checks, and an application sends the same token for minutes. Bounded: past its size the tokens not asked
// for recently go first. Thread-safe.

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/digest.h"
#include "net/jwt.h"

namespace billhook::net {

class VerifiedTokenCache {
  public:
    /// `age_max` bounds how long a token outlives the withdrawal of what we do not see: none of it is asked again.
    explicit VerifiedTokenCache(std::size_t tokens_max = 100'000, Duration age_max = Duration::minutes(5));

    /// Only what was verified by this very key set: when keys change, everything is verified again.
    std::shared_ptr<JsonObject const> find(std::string_view token, JwksKeySet const* keys, Timestamp now);
    void put(std::string_view token, std::shared_ptr<JwksKeySet const> keys, VerifiedToken const& verified,
             std::shared_ptr<JsonObject const> claims, Timestamp now);

    std::uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }
    std::uint64_t misses() const { return misses_.load(std::memory_order_relaxed); }
    std::size_t size() const;

  private:
    struct Entry {
        std::shared_ptr<JwksKeySet const> keys;
        std::shared_ptr<JsonObject const> claims;
        Timestamp valid_from, valid_until;
    };
    using Entries = std::unordered_map<Sha256, Entry, DigestHash>;
    // Two generations: when `recent` is full it becomes `older`, and what was there and not asked for again is gone.
    struct alignas(64) Shard {
        mutable std::mutex mutex;
        Entries recent, older;
    };

    Shard& shard_of(Sha256 const& digest) { return shards_[digest[31] % shards_.size()]; }
    void keep(Shard& shard, Sha256 const& digest, Entry entry);

    std::size_t const generation_size_max_;  // of one shard
    Duration const age_max_;
    std::array<Shard, 16> shards_;
    std::atomic<std::uint64_t> hits_ = 0, misses_ = 0;
};

}  // namespace billhook::net
