#pragma once
// Who is connected: in all, and from each address. One for all event loops of a server.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "net/ip_address.h"

namespace billhook::net {

class ConnectionCensus {
  public:
    /// Leaves the census when it ends.
    class Place {
      public:
        Place(ConnectionCensus& census, std::optional<IpAddress> const& household)
            : census_(&census), household_(household) {}
        Place(Place&& other) noexcept : census_(std::exchange(other.census_, nullptr)), household_(other.household_) {}
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (census_) census_->leave(household_);
        }

      private:
        ConnectionCensus* census_;
        std::optional<IpAddress> household_;
    };

    ConnectionCensus(int connections_max, int connections_per_address_max);

    /// Without a household only the limit of all holds. nullptr: full.
    std::unique_ptr<Place> enter(std::optional<IpAddress> const& household);
    bool wait_until_empty(std::chrono::steady_clock::time_point deadline);

    std::uint64_t open() const;
    std::uint64_t accepted() const { return accepted_; }
    std::uint64_t refused() const { return refused_; }

  private:
    bool count_in(IpAddress const& household);
    void leave(std::optional<IpAddress> const& household);

    std::size_t const connections_max_;
    int const per_address_max_;
    mutable std::mutex mutex_;
    std::condition_variable is_empty_;
    std::size_t open_ = 0;
    std::map<IpAddress, int> by_address_;
    std::atomic<std::uint64_t> accepted_ = 0, refused_ = 0;
};

}  // namespace billhook::net
