#pragma once
// KeyFailures: how often an address has shown a credential that was not valid. Past the limit, what memory does not
// know is not looked at any more until the minute is over: guessing costs the guesser, and not the database. Whoever
// shares the address with a guesser and has a key that is in use does not notice. Thread-safe.

#include <map>
#include <mutex>
#include <string_view>

#include "base/timestamp.h"
#include "net/ip_address.h"

namespace billhook::http {

class KeyFailures {
  public:
    /// Beyond `addresses_max` at a time, further addresses are counted together.
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

    std::int64_t const per_minute_;
    std::size_t const addresses_max_;
    mutable std::mutex mutex_;
    std::map<net::IpAddress, Window> windows_;
    Window others_;
};

}  // namespace billhook::http
