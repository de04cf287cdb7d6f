#pragma once
// AddressLimit: how often in a minute an address did one thing: showed a credential that was made up, or asked without
// one. Past the limit it waits until its minute is over. An IPv6 household counts as one. Thread-safe.

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/timestamp.h"
#include "net/ip_address.h"

namespace billhook::http {

class AddressLimit {
  public:
    /// While there are `addresses_max`, further addresses are counted together.
    explicit AddressLimit(std::int64_t per_minute, std::size_t addresses_max = 100'000)
        : per_minute_(per_minute), addresses_max_(addresses_max) {}

    /// How long this address has to wait; nothing where it may go on.
    Duration wait_of(std::string_view address, Timestamp now) const;
    void note(std::string_view address, Timestamp now);

  private:
    struct Window {
        Timestamp ends_at;
        std::int64_t count = 0;
    };
    static net::IpAddress key_of(std::string_view address);
    static bool is_over(Window const& window, Timestamp now) { return now >= window.ends_at; }
    bool is_full(Timestamp now) const;
    void drop_those_over(Timestamp now);

    std::int64_t const per_minute_;
    std::size_t const addresses_max_;
    mutable std::mutex mutex_;
    std::map<net::IpAddress, Window> windows_;
    std::deque<std::pair<Timestamp, net::IpAddress>> ends_;  // of each window; all are equally long, so in this order
    Window others_;
};

}  // namespace billhook::http
