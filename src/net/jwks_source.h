#pragma once
// JwksSource: an issuer's key set, given as text or fetched from its address and refreshed. current() reads memory
// only; refresh() may fetch, so it belongs on a pool thread. While an issuer cannot be reached its last keys stay.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "net/http_transport.h"
#include "net/jwks.h"

namespace billhook::net {

struct JwksFetchOptions {
    Duration refresh_interval = Duration::minutes(15);    // keys older than this are fetched again
    Duration fetch_interval_min = Duration::seconds(30);  // for whatever reason; also between failures
    Duration timeout = Duration::seconds(5);
};

class JwksSource {
  public:
    using Keys = std::shared_ptr<JwksKeySet const>;
    enum class Because { of_age, of_unknown_key };

    /// Fixed keys, never refreshed.
    static Result<std::unique_ptr<JwksSource>> from_text(std::string_view json, Clock const& clock);
    JwksSource(std::string url, HttpTransport& transport, Clock const& clock, JwksFetchOptions options = {});

    /// Null until the first fetch has succeeded. The same pointer as long as the keys are the same.
    Keys current() const { return keys_.load(); }
    /// Would refresh() fetch now? Reads memory only.
    bool is_refresh_due(Because why) const;
    /// Fetches if that is due, by one thread at a time. The others wait for its end where there are no keys at all or
    /// where a key is unknown: it may be among those that are coming. Errors are `unavailable` "jwks_unavailable", and
    /// only where there are no keys at all.
    Result<Keys> refresh(Because why);

  private:
    explicit JwksSource(Clock const& clock) : clock_(clock) {}
    Result<std::string> fetch() const;
    void take(std::string text, JwksKeySet keys);

    Clock const& clock_;
    std::string const url_;  // empty: fixed keys
    HttpTransport* const transport_ = nullptr;
    JwksFetchOptions const options_ = {};
    std::atomic<Keys> keys_;
    std::atomic<std::int64_t> fetched_ms_ = INT64_MIN;    // the last success
    std::atomic<std::int64_t> attempted_ms_ = INT64_MIN;  // the last attempt
    std::mutex fetching_;
    std::string text_;          // of the current keys; under fetching_
    std::string last_failure_;  // under fetching_
};

}  // namespace billhook::net
