#include "server/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace billhook::server {
namespace {

constexpr rlim_t kept_for_others = 256;  // the store, calls to Stripe, files

}  // namespace

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log(LogLevel::warn, "the limit of open descriptors cannot be raised", {{"what", std::strerror(errno)}});
}

int connections_within_limit(int wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    // Where there is so little, half of it is for connections.
    auto const room = std::max(limit.rlim_cur - std::min(limit.rlim_cur, kept_for_others), limit.rlim_cur / 2);
    if (room >= static_cast<rlim_t>(wanted)) return wanted;
    log(LogLevel::warn, "fewer connections than connections_max, as the system allows too few descriptors",
        {{"connections_max", wanted}, {"connections", room}, {"descriptors", limit.rlim_cur}});
    return static_cast<int>(room);
}

}  // namespace billhook::server
