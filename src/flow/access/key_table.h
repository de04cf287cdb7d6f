#pragma once
// KeyTable: the valid API keys in memory, by the hash of their text, so that a request is authenticated on the event
// loop. The database is the truth; reload() is called at start, after a change and on a short beat, because another
// process (the command line, another node) may have made or revoked a key. Thread-safe.

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

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

  private:
    struct ByDigest {
        std::size_t operator()(Sha256 const& digest) const;
    };
    using Keys = std::unordered_map<Sha256, std::shared_ptr<access::ApiKey const>, ByDigest>;
    std::mutex reloading_;  // whoever reads last is whoever stores last
    std::atomic<std::shared_ptr<Keys const>> keys_;
};

}  // namespace billhook::flow
