#pragma once
// HttpLoad: a number of connections that each ask again as soon as they are answered, from one thread; and what that
// cost the servers in processor time. The rate depends on what else the machine does; the time per request hardly does.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace billhook::bench {

struct HttpLoad {
    std::string address;  // 127.0.0.1:port
    int connections = 64;
    std::chrono::milliseconds duration{2000};
    std::function<std::string_view()> next_request;  // one whole request; valid until the next is asked for
    std::vector<pid_t> processes;                    // of the server; their children count too
};

struct LoadResult {
    double requests_per_second = 0;
    double microseconds_each = 0;  // of processor time, user and system
};

/// Any answer but 200 ends the program: a server that refuses is not measured.
LoadResult run_load(HttpLoad const& load);

/// User and system time so far of these processes and of all their children.
double processor_seconds(std::vector<pid_t> const& processes);

}  // namespace billhook::bench
