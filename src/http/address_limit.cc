#include "http/address_limit.h"

namespace billhook::http {
namespace {

constexpr Duration window_length = Duration::minutes(1);

}  // namespace

net::IpAddress AddressLimit::key_of(std::string_view address) {
    return net::household_of(net::parse_ip_address(address).value_or(net::IpAddress{}));
}

Duration AddressLimit::wait_of(std::string_view address, Timestamp now) const {
    std::lock_guard const lock(mutex_);
    auto const known = windows_.find(key_of(address));
    if (known == windows_.end() && !is_full(now)) return {};
    Window const& window = known == windows_.end() ? others_ : known->second;
    return is_over(window, now) || window.count < per_minute_ ? Duration{} : window.ends_at - now;
}

void AddressLimit::note(std::string_view address, Timestamp now) {
    std::lock_guard const lock(mutex_);
    drop_those_over(now);
    auto const key = key_of(address);
    auto known = windows_.find(key);
    if (known == windows_.end() && !is_full(now)) {
        Timestamp const ends_at = now + window_length;
        known = windows_.emplace(key, Window{ends_at}).first;
        ends_.emplace_back(ends_at, key);
    }
    Window& window = known == windows_.end() ? others_ : known->second;
    if (is_over(window, now)) window = {now + window_length, 0};
    ++window.count;
}

bool AddressLimit::is_full(Timestamp now) const {
    return windows_.size() >= addresses_max_ && now < ends_.front().first;
}

void AddressLimit::drop_those_over(Timestamp now) {
    for (; !ends_.empty() && now >= ends_.front().first; ends_.pop_front()) windows_.erase(ends_.front().second);
}

}  // namespace billhook::http
