#pragma once
// EventLoop: one thread, its listening socket and its connections. Everything here happens on that thread, except
// post_answer() and what is marked so. It waits by epoll and is told of changes alone (edge-triggered), so that a
// request costs one read and one write: nobody asks the kernel for what is not there.

#include <pthread.h>
#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/connection_census.h"
#include "net/descriptor.h"
#include "net/http_response_writer.h"
#include "net/http_server.h"
#include "net/listen_address.h"
#include "net/tls_context.h"

namespace billhook::net {

class Connection;
using SteadyTime = std::chrono::steady_clock::time_point;

/// What all loops of a server share.
struct ServerShared {
    HttpServerOptions const options;
    HttpHandler const handler;
    ConnectionCensus census;
    TlsHolder tls;
};

class EventLoop : public std::enable_shared_from_this<EventLoop> {
  public:
    explicit EventLoop(std::shared_ptr<ServerShared> shared);
    ~EventLoop();

    /// Before run(). The port 0 binds a free one; `address` is what was bound.
    Status listen(ListenAddress& address);
    void run();  // until end()

    // From any thread.
    void stop_accepting();
    /// Closes every connection; run() returns.
    void end();
    void post_answer(std::shared_ptr<Connection> connection, std::uint64_t request, HttpResponse&& response);
    bool is_current_thread() const;
    std::uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }

    // For connections, on the loop.
    ServerShared& shared() { return *shared_; }
    /// From now on on_ready() is called with what changes.
    void watch(int socket, Connection& connection);
    /// on_ready() is called once more, with no change, before the loop waits again.
    void call_again(std::shared_ptr<Connection> connection) { called_again_.push_back(std::move(connection)); }
    /// flush() is called in this turn. A few answers leave together: a client that waits for several is woken once.
    void flush_later(Connection& connection) { to_flush_.push_back(&connection); }
    void remove(Connection& connection);
    bool is_draining() const { return is_draining_; }
    /// When this turn began: one look at the clock for all that happens in it.
    SteadyTime now() const { return now_; }
    void count_request() { requests_.store(requests_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
    std::string_view date();

  private:
    struct Answer {
        std::shared_ptr<Connection> connection;
        std::uint64_t request;
        HttpResponse response;
    };

    void turn();
    void flush_waiting();
    void handle(epoll_event const& event);
    void watch(int descriptor, std::uint32_t changes, void* mark);
    int milliseconds_to_wait() const;
    void accept_waiting(int connections_max);
    void pause_accepting();
    void on_accepted(Descriptor socket, IpAddress const& peer);
    void refuse(Descriptor const& socket);
    void post(std::function<void()> task);
    void wake() const;
    void take_posted();
    void tick();

    std::shared_ptr<ServerShared> const shared_;
    Descriptor const poller_, waker_;
    Descriptor listener_;
    std::array<epoll_event, 256> events_;
    std::chrono::milliseconds const tick_interval_;
    SteadyTime now_{}, next_tick_{};
    std::vector<std::shared_ptr<Connection>> connections_, called_again_, being_called_;
    std::vector<Connection*> to_flush_;
    std::vector<std::shared_ptr<Connection>> gone_;  // until the end of the turn: a change of theirs may be in events_
    DateHeader date_;
    SteadyTime accepts_from_{};
    bool is_accepting_paused_ = false;
    bool is_draining_ = false;
    bool is_over_ = false;
    pthread_t thread_{};
    std::atomic<std::uint64_t> requests_ = 0;  // written by the loop only

    std::mutex posted_mutex_;
    std::vector<Answer> answers_;
    std::vector<std::function<void()>> tasks_;
    bool has_ended_ = false;  // no answer is posted to the loop any more
};

}  // namespace billhook::net
