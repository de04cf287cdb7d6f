#pragma once
// KeyFailures: how often an address has shown a credential that was made up. Past the limit, a key that memory does not
// know is not looked for any more until the minute is over: guessing costs the guesser, and not the database. Whoever
// shares the address with a guesser and has a key that is in use, or a valid token, does not notice. Thread-safe.

#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

#include "base/timestamp.h"
#include "net/ip_address.h"

namespace billhook::http {

class KeyFailures {
  public:
    /// While there are `addresses_max`, further addresses are counted together.
    explicit KeyFailures(std::int64_t per_minute, std::size_t addresses_max = 10'000)
        : per_minute_(per_minute), addresses_max_(addresses_max) {}

    /// How long this address has to wait; nothing where it may go on.
    Duration wait_of(std::string_view address, Timestamp now) const;
    void note(std::string_view address, Timestamp now);

  private:
    struct Window {
        Timestamp ends_at;
        std::int64_t failures = 0;
    };
    static net::IpAddress key_of(std::string_view address);
    bool is_over(Window const& window, Timestamp now) const { return now >= window.ends_at; }
    bool is_full(Timestamp now) const { return windows_.size() >= addresses_max_ && now < first_ends_at_; }
    void drop_those_over(Timestamp now);

    std::int64_t const per_minute_;
    std::size_t const addresses_max_;
    mutable std::mutex mutex_;
    std::map<net::IpAddress, Window> windows_;
    Timestamp first_ends_at_{INT64_MAX};  // no window is over before
    Window others_;
};

}  // namespace billhook::http
