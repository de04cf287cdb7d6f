#include "net/connection_census.h"

namespace billhook::net {

ConnectionCensus::ConnectionCensus(int connections_max, int connections_per_address_max)
    : connections_max_(static_cast<std::size_t>(connections_max)), per_address_max_(connections_per_address_max) {}

std::unique_ptr<ConnectionCensus::Place> ConnectionCensus::enter(std::optional<IpAddress> const& household) {
    std::lock_guard lock(mutex_);
    if (open_ >= connections_max_ || (household && !count_in(*household))) {
        ++refused_;
        return nullptr;
    }
    ++open_;
    ++accepted_;
    return std::make_unique<Place>(*this, household);
}

bool ConnectionCensus::count_in(IpAddress const& household) {
    if (per_address_max_ == 0) return true;
    auto& from_there = by_address_[household];
    if (from_there >= per_address_max_) return false;
    ++from_there;
    return true;
}

void ConnectionCensus::leave(std::optional<IpAddress> const& household) {
    std::lock_guard lock(mutex_);
    if (household && per_address_max_ > 0) {
        auto const found = by_address_.find(*household);
        if (--found->second == 0) by_address_.erase(found);
    }
    if (--open_ == 0) is_empty_.notify_all();
}

bool ConnectionCensus::wait_until_empty(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return is_empty_.wait_until(lock, deadline, [&] { return open_ == 0; });
}

std::uint64_t ConnectionCensus::open() const {
    std::lock_guard lock(mutex_);
    return open_;
}

}  // namespace billhook::net
