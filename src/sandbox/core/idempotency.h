#pragma once
// Idempotency keys of requests that change something (SEMANTICS.md section 1): the first result is kept for 24 hours,
// in the second generation for 30 days, and replayed; the same key with another request is an error, and so is a key
// whose request is still running. Thread-safe.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "sandbox/core/api_error.h"

namespace billhook::sandbox {

struct KeptResult {
    int status = 200;
    std::string body;
    std::string request_id;
};

class IdempotencyKeys {
  public:
    static constexpr std::int64_t kept_seconds = 86'400;
    static constexpr std::int64_t kept_seconds_v2 = 30 * 86'400;

    /// Nothing: the caller runs the request and ends it with finish() or release(). A result: replay it.
    Answer<std::optional<KeptResult>> claim(std::string const& key, std::string fingerprint, std::int64_t now,
                                            std::int64_t kept_for);
    void finish(std::string const& key, KeptResult result);
    void restore(std::string key, std::string fingerprint, std::int64_t kept_until, KeptResult result);
    /// The request never began executing: the key is free again.
    void release(std::string const& key);

  private:
    struct Entry {
        std::string fingerprint;
        std::int64_t kept_until = 0;
        std::optional<KeptResult> result;
    };

    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::int64_t pruned_at_ = 0;
};

}  // namespace billhook::sandbox
