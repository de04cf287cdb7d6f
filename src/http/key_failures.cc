#include "http/key_failures.h"

#include <algorithm>

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
    if (known == windows_.end() && !is_full(now)) return {};
    Window const& window = known == windows_.end() ? others_ : known->second;
    return is_over(window, now) || window.failures < per_minute_ ? Duration{} : window.ends_at - now;
}

void KeyFailures::note(std::string_view address, Timestamp now) {
    std::lock_guard const lock(mutex_);
    auto const key = key_of(address);
    auto known = windows_.find(key);
    if (known == windows_.end() && windows_.size() >= addresses_max_ && !is_full(now)) drop_those_over(now);
    if (known == windows_.end() && windows_.size() < addresses_max_) known = windows_.emplace(key, Window{}).first;
    Window& window = known == windows_.end() ? others_ : known->second;
    if (is_over(window, now)) window = {now + window_length, 0};
    if (known != windows_.end()) first_ends_at_ = std::min(first_ends_at_, window.ends_at);
    ++window.failures;
}

void KeyFailures::drop_those_over(Timestamp now) {
    std::erase_if(windows_, [&](auto const& entry) { return is_over(entry.second, now); });
    first_ends_at_ = {INT64_MAX};
    for (auto const& [key, window] : windows_) first_ends_at_ = std::min(first_ends_at_, window.ends_at);
}

}  // namespace billhook::http
