#pragma once
// EventLoop: one thread, its acceptor and its connections. Everything here happens on that thread, except post_answer()
// and what is marked so. Includes Asio: only for the few files that make up the server.

#include <pthread.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "net/connection_census.h"
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
    void remove(Connection& connection);
    bool is_draining() const { return is_draining_; }
    void count_request() { requests_.store(requests_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
    std::string_view date();

  private:
    struct Answer {
        std::shared_ptr<Connection> connection;
        std::uint64_t request;
        HttpResponse response;
    };

    void accept_next();
    void on_accepted(boost::asio::ip::tcp::socket socket);
    void refuse(boost::asio::ip::tcp::socket& socket);
    void take_answers();
    void schedule_tick();
    void tick();

    std::shared_ptr<ServerShared> const shared_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer ticker_, accept_pause_;
    std::chrono::milliseconds const tick_interval_;
    std::vector<std::shared_ptr<Connection>> connections_;
    DateHeader date_;
    bool is_draining_ = false;
    bool has_stopped_ticking_ = false;
    pthread_t thread_{};
    std::atomic<std::uint64_t> requests_ = 0;  // written by the loop only

    std::mutex answers_mutex_;
    std::vector<Answer> answers_;
    bool has_ended_ = false;  // nothing is posted to the loop any more
};

}  // namespace billhook::net
