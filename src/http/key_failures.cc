#include "http/key_failures.h"

namespace billhook::http {
namespace {

constexpr Duration window_length = Duration::minutes(1);

}  // namespace

net::IpAddress KeyFailures::key_of(std::string_view address) {
    return net::household_of(net::parse_ip_address(address).value_or(net::IpAddress{}));
}

Duration KeyFailures::wait_of(std::string_view address, Timestamp now) const {
    std::lock_guard const lock(mutex_);
    auto const known = windows_.find(key_of(address));
    Window const& window = known == windows_.end() ? others_ : known->second;
    return is_over(window, now) || window.failures < per_minute_ ? Duration{} : window.ends_at - now;
}

void KeyFailures::note(std::string_view address, Timestamp now) {
    std::lock_guard const lock(mutex_);
    auto const key = key_of(address);
    auto known = windows_.find(key);
    if (known == windows_.end() && windows_.size() >= addresses_max_)
        std::erase_if(windows_, [&](auto const& entry) { return is_over(entry.second, now); });
    if (known == windows_.end() && windows_.size() < addresses_max_) known = windows_.emplace(key, Window{}).first;
    Window& window = known == windows_.end() ? others_ : known->second;
    if (is_over(window, now)) window = {now + window_length, 0};
    ++window.failures;
}

}  // namespace billhook::http
