#pragma once
// KeyTable: the valid API keys in memory, by the hash of their text, so that a request is authenticated on the event
// loop. The database is the truth; reload() is called at start, after a change and on a short beat, because another
// process (the command line, another node) may have made or revoked a key. It also notes when each key was last used,
// to the minute, and save_uses() writes that down on the same beat: no request waits for it. Thread-safe.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/keyed_hash.h"
#include "domain/access/api_key.h"
#include "store/store.h"

namespace billhook::flow {

class KeyTable {
  public:
    /// Null where no valid key has this text.
    std::shared_ptr<access::ApiKey const> find(std::string_view key_text, Timestamp now) const;
    Status reload(store::Store& store, Timestamp now);
    /// Asks the database for a key that memory does not have: another process may have made it a moment ago.
    Result<std::shared_ptr<access::ApiKey const>> find_or_load(store::Store& store, std::string_view key_text,
                                                               Timestamp now) const;
    /// Writes what was noted since it was called last; nothing where nothing was.
    Status save_uses(store::Store& store);

  private:
    /// When a key was last used. Written at most once a minute, so that the cores do not quarrel about it.
    struct Use {
        std::atomic<std::int64_t> at_ms = 0;
        std::int64_t saved_ms = 0;  // guarded by uses_mutex_
        void note(Timestamp now);
    };
    struct Entry {
        std::shared_ptr<access::ApiKey const> key;
        std::shared_ptr<Use> use;
    };
    /// The keys at one moment. Those that were shown are found again by a hash that is cheaper than the digest.
    class Keys {
      public:
        explicit Keys(std::unordered_map<Sha256, Entry, DigestHash> by_digest);
        Entry const* find(std::string_view key_text, KeyedHash const& hash) const;

      private:
        /// Filled once and never changed; whoever sees the entry sees the hash.
        struct Shown {
            std::atomic<Entry const*> entry = nullptr;
            Hash128 hash;
        };
        Entry const* find_shown(Hash128 const& hash) const;
        void remember(Hash128 const& hash, Entry const& entry) const;

        std::unordered_map<Sha256, Entry, DigestHash> const by_digest_;
        std::vector<Shown> mutable shown_;  // a power of two, at least twice as many as there are keys
        std::mutex mutable remembering_;
    };
    std::shared_ptr<Use> use_of(std::string const& key_id) const;

    KeyedHash const hash_;
    std::mutex reloading_;  // whoever reads last is whoever stores last
    std::atomic<std::shared_ptr<Keys const>> keys_;
    mutable std::mutex uses_mutex_;
    mutable std::map<std::string, std::shared_ptr<Use>> uses_;  // by key id; as many as there were valid keys
};

}  // namespace billhook::flow
