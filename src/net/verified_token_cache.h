#pragma once
// VerifiedTokenCache: what tokens that were found good mean, by a keyed hash of their text, until they expire. A
// verification costs as much as several checks, and an application sends the same token for minutes; so the reading of
// its claims is kept too. Bounded: past its size the tokens not asked for recently go first. Thread-safe.

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/keyed_hash.h"
#include "net/jwt.h"

namespace billhook::net {

template <class Meaning>
class VerifiedTokenCache {
  public:
    /// `age_max` bounds how long a token outlives the withdrawal of what we do not see: none of it is asked again.
    explicit VerifiedTokenCache(std::size_t tokens_max = 100'000, Duration age_max = Duration::minutes(5))
        : generation_size_max_(std::max<std::size_t>(tokens_max / (2 * shard_count), 1)), age_max_(age_max) {}

    /// Only what was verified by this very key set: when keys change, everything is verified again.
    std::shared_ptr<Meaning const> find(std::string_view token, JwksKeySet const* keys, Timestamp now) {
        auto const hash = hash_(token);
        auto& shard = shard_of(hash);
        {
            std::lock_guard lock(shard.mutex);
            auto const recent = shard.recent.find(hash);
            if (recent != shard.recent.end()) {
                if (recent->second.is_valid(keys, now)) return hit(shard, recent->second);
            } else if (auto const older = shard.older.find(hash);
                       older != shard.older.end() && older->second.is_valid(keys, now)) {
                auto meaning = hit(shard, older->second);
                keep(shard, hash, std::move(older->second));
                return meaning;
            }
            ++shard.misses;
        }
        return nullptr;
    }

    void put(std::string_view token, std::shared_ptr<JwksKeySet const> keys, Timestamp valid_until,
             std::shared_ptr<Meaning const> meaning, Timestamp now) {
        auto const hash = hash_(token);
        auto& shard = shard_of(hash);
        std::lock_guard lock(shard.mutex);
        keep(shard, hash, {std::move(keys), std::move(meaning), now, std::min(valid_until, now + age_max_)});
    }

    std::uint64_t hits() const {
        return sum([](Shard const& shard) { return shard.hits; });
    }
    std::uint64_t misses() const {
        return sum([](Shard const& shard) { return shard.misses; });
    }
    std::size_t size() const {
        return sum([](Shard const& shard) { return shard.recent.size() + shard.older.size(); });
    }

  private:
    struct Entry {
        std::shared_ptr<JwksKeySet const> keys;
        std::shared_ptr<Meaning const> meaning;
        Timestamp valid_from, valid_until;

        bool is_valid(JwksKeySet const* now_valid, Timestamp now) const {
            return keys.get() == now_valid && now >= valid_from && now < valid_until;
        }
    };
    using Entries = std::unordered_map<Hash128, Entry, Hash128Hash>;
    static constexpr std::size_t shard_count = 16;
    // Two generations: when `recent` is full it becomes `older`, and what was there and not asked for again is gone.
    struct alignas(64) Shard {
        mutable std::mutex mutex;
        Entries recent, older;
        std::uint64_t hits = 0, misses = 0;
    };

    Shard& shard_of(Hash128 const& hash) { return shards_[hash.high % shard_count]; }
    static std::shared_ptr<Meaning const> hit(Shard& shard, Entry const& entry) {
        ++shard.hits;
        return entry.meaning;
    }
    void keep(Shard& shard, Hash128 const& hash, Entry entry) {
        shard.older.erase(hash);
        if (shard.recent.size() >= generation_size_max_ && !shard.recent.contains(hash)) {
            shard.older = std::move(shard.recent);
            shard.recent = {};
        }
        shard.recent.insert_or_assign(hash, std::move(entry));
    }
    template <class Count>
    std::uint64_t sum(Count const& count) const {
        std::uint64_t total = 0;
        for (auto const& shard : shards_) {
            std::lock_guard lock(shard.mutex);
            total += count(shard);
        }
        return total;
    }

    std::size_t const generation_size_max_;  // of one shard
    Duration const age_max_;
    KeyedHash const hash_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace billhook::net
