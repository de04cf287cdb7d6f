#include "net/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "base/check.h"
#include "net/event_loop.h"
#include "net/server_thread.h"
#include "net/worker_pool.h"

namespace billhook::net {
namespace {

// With SO_REUSEPORT a second server of the same user would get the same port, and every other connection. Without it
// the kernel says when somebody is there.
Status check_nobody_listens(ListenAddress const& address) {
    bool const is_ipv6 = address.ip.find(':') != std::string::npos;
    int const probe = ::socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return fail(unavailable("listen_failed", to_text(address) + ": " + std::strerror(errno)));
    int const yes = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int bound = 0;
    if (is_ipv6) {
        sockaddr_in6 local{};
        local.sin6_family = AF_INET6;
        local.sin6_port = htons(address.port);
        inet_pton(AF_INET6, address.ip.c_str(), &local.sin6_addr);
        bound = ::bind(probe, reinterpret_cast<sockaddr*>(&local), sizeof local);
    } else {
        sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_port = htons(address.port);
        inet_pton(AF_INET, address.ip.c_str(), &local.sin_addr);
        bound = ::bind(probe, reinterpret_cast<sockaddr*>(&local), sizeof local);
    }
    int const error = errno;
    ::close(probe);
    if (bound != 0) return fail(unavailable("listen_failed", to_text(address) + ": " + std::strerror(error)));
    return {};
}

Status check_options(HttpServerOptions const& options) {
    bool const has_times = std::min({options.header_timeout, options.body_timeout, options.idle_timeout,
                                     options.request_timeout, options.write_timeout}) > Duration{};
    if (!has_times) return fail(invalid("timeouts", "expected every timeout to be longer than nothing"));
    if (options.connections_max < 1) return fail(invalid("connections_max", "expected at least 1"));
    return {};
}

}  // namespace

class HttpServer::Running {
  public:
    Running(HttpServerOptions const& options, HttpHandler handler)
        : shared(new ServerShared{options, std::move(handler),
                                  ConnectionCensus(options.connections_max, options.connections_per_address_max),
                                  TlsHolder()}),
          pool(options.pool_threads, options.pool_queue_max, options.request_timeout) {}

    Status listen(ListenAddress address) {
        if (address.port != 0) TRY_VOID(check_nobody_listens(address));
        int const cores = static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
        int const count = shared->options.loops > 0 ? shared->options.loops : cores;
        for (int i = 0; i < count; ++i) {
            auto loop = std::make_shared<EventLoop>(shared);
            TRY_VOID(loop->listen(address));  // the first settles the port
            loops.push_back(std::move(loop));
        }
        bound = to_text(address);
        return {};
    }

    void run() {
        for (auto const& loop : loops) threads.push_back(start_server_thread([loop] { loop->run(); }));
    }

    void stop(Duration drain) {
        if (threads.empty()) return;
        for (auto const& loop : loops) loop->stop_accepting();
        shared->census.wait_until_empty(std::chrono::steady_clock::now() + std::chrono::milliseconds(drain.ms));
        for (auto const& loop : loops) loop->end();
        for (auto& thread : threads) thread.join();
        threads.clear();
        pool.stop();
    }

    std::shared_ptr<ServerShared> const shared;
    WorkerPool pool;
    std::vector<std::shared_ptr<EventLoop>> loops;
    std::vector<std::thread> threads;
    std::string bound;
};

HttpServer::HttpServer(HttpServerOptions options, HttpHandler handler)
    : options_(std::move(options)), handler_(std::move(handler)) {}
HttpServer::~HttpServer() {
    stop({});
}

Status HttpServer::listen() {
    CHECK(running_ == nullptr);
    TRY_VOID(check_options(options_));
    auto const address = TRY(parse_listen_address(options_.listen));
    auto running = std::make_unique<Running>(options_, handler_);
    if (options_.tls) TRY_VOID(running->shared->tls.load(*options_.tls));
    TRY_VOID(running->listen(address));
    running_ = std::move(running);
    return {};
}

Status HttpServer::start() {
    if (!running_) TRY_VOID(listen());
    running_->run();
    return {};
}

std::string HttpServer::address() const {
    return running_ ? running_->bound : std::string{};
}

bool HttpServer::post(Task task) {
    return running_ && running_->pool.post(std::move(task));
}

Status HttpServer::reload_tls() {
    if (!running_ || !options_.tls) return fail(invalid("tls", "this server has no TLS files to read again"));
    return running_->shared->tls.load(*options_.tls);
}

HttpServerCounts HttpServer::counts() const {
    if (!running_) return {};
    auto const& census = running_->shared->census;
    HttpServerCounts counts{.connections_open = census.open(),
                            .connections_accepted = census.accepted(),
                            .connections_refused = census.refused(),
                            .pool_queued = running_->pool.queued()};
    for (auto const& loop : running_->loops) counts.requests += loop->requests();
    return counts;
}

void HttpServer::stop(Duration drain) {
    if (running_) running_->stop(drain);
}

}  // namespace billhook::net
