#include "net/event_loop.h"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>
#include <exception>

#include "base/log.h"
#include "net/connection.h"

namespace billhook::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::milliseconds accept_retry_delay{100};

std::chrono::milliseconds tick_interval(HttpServerOptions const& options) {
    auto const shortest = std::min({options.header_timeout, options.body_timeout, options.idle_timeout,
                                    options.request_timeout, options.write_timeout});
    return std::chrono::milliseconds(std::clamp<std::int64_t>(shortest.ms / 8, 5, 500));
}

IpAddress household_of(asio::ip::address const& address) {
    if (address.is_v4()) return asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
    return net::household_of(address.to_v6().to_bytes());
}

asio::ip::address plain(asio::ip::address const& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address;
}

}  // namespace

EventLoop::EventLoop(std::shared_ptr<ServerShared> shared)
    : shared_(std::move(shared)),
      io_(1),
      work_(io_.get_executor()),
      acceptor_(io_),
      ticker_(io_),
      accept_pause_(io_),
      tick_interval_(tick_interval(shared_->options)) {}
EventLoop::~EventLoop() = default;

Status EventLoop::listen(ListenAddress& address) {
    Code error;
    auto const ip = asio::ip::make_address(address.ip, error);
    tcp::endpoint const endpoint(ip, address.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.set_option(ReusePort(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return fail(unavailable("listen_failed", to_text(address) + ": " + error.message()));
    address.port = acceptor_.local_endpoint().port();
    return {};
}

void EventLoop::run() {
    thread_ = pthread_self();
    accept_next();
    schedule_tick();
    for (;;) {
        try {
            io_.run();
            return;
        } catch (std::exception const& exception) {
            log(LogLevel::error, "an event loop met an exception and goes on", {{"what", exception.what()}});
        }
    }
}

bool EventLoop::is_current_thread() const {
    return pthread_equal(thread_, pthread_self()) != 0;
}

void EventLoop::accept_next() {
    acceptor_.async_accept(io_, [this](Code error, tcp::socket socket) {
        if (!acceptor_.is_open()) return;
        if (!error) {
            on_accepted(std::move(socket));
            return accept_next();
        }
        // Out of descriptors, most likely: those in use must come back first.
        log(LogLevel::warn, "a connection could not be accepted", {{"what", error.message()}});
        accept_pause_.expires_after(accept_retry_delay);
        accept_pause_.async_wait([this](Code cancelled) {
            if (!cancelled && acceptor_.is_open()) accept_next();
        });
    });
}

void EventLoop::on_accepted(tcp::socket socket) {
    Code error;
    auto const peer = socket.remote_endpoint(error).address();
    if (error) return;  // gone already
    auto place = shared_->census.enter(household_of(peer));
    if (!place) return refuse(socket);
    socket.set_option(tcp::no_delay(true), error);
    socket.non_blocking(true, error);
    auto connection = make_connection(shared_from_this(), std::move(place), std::move(socket), plain(peer).to_string(),
                                      shared_->tls.current());
    connection->index_in_loop = connections_.size();
    connections_.push_back(connection);
    connection->start();
}

// One attempt and no waiting: a flood must not find anything to hold on to.
void EventLoop::refuse(tcp::socket& socket) {
    Code ignored;
    if (!shared_->tls.current()) {
        auto response = to_response(ServerProblem::too_many_connections, "Close some, or try again later.");
        response.headers.set("Retry-After", "1");
        std::string text;
        append_response_head(text, response, {.keep_alive = false}, date());
        text += response.body;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(text), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
    socket.close(ignored);
}

void EventLoop::post_answer(std::shared_ptr<Connection> connection, std::uint64_t request, HttpResponse&& response) {
    std::lock_guard lock(answers_mutex_);
    if (has_ended_) return;
    // Whoever commits for a group answers all of it: one wake-up for the lot.
    if (answers_.empty()) asio::post(io_, [this] { take_answers(); });
    answers_.push_back({std::move(connection), request, std::move(response)});
}

void EventLoop::take_answers() {
    std::vector<Answer> answers;
    {
        std::lock_guard lock(answers_mutex_);
        answers.swap(answers_);
    }
    for (auto& answer : answers) answer.connection->answer(answer.request, std::move(answer.response));
}

void EventLoop::remove(Connection& connection) {
    auto const index = connection.index_in_loop;
    if (index + 1 != connections_.size()) {
        std::swap(connections_[index], connections_.back());
        connections_[index]->index_in_loop = index;
    }
    connections_.pop_back();
}

std::string_view EventLoop::date() {
    return date_.at(std::time(nullptr));
}

void EventLoop::schedule_tick() {
    ticker_.expires_after(tick_interval_);
    ticker_.async_wait([this](Code error) {
        if (error || has_stopped_ticking_) return;  // a cancelled timer may have been due already
        tick();
        schedule_tick();
    });
}

// From the back: a connection that closes is replaced in its place by the last, which has had its turn.
void EventLoop::tick() {
    auto const now = std::chrono::steady_clock::now();
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (i >= connections_.size()) continue;
        auto const connection = connections_[i];
        connection->tick(now);
    }
}

void EventLoop::stop_accepting() {
    asio::post(io_, [this] {
        Code ignored;
        acceptor_.close(ignored);
        is_draining_ = true;
        auto const connections = connections_;
        for (auto const& connection : connections) connection->drain();
    });
}

void EventLoop::end() {
    asio::post(io_, [this] {
        std::vector<Answer> abandoned;
        {
            std::lock_guard lock(answers_mutex_);
            has_ended_ = true;
            abandoned.swap(answers_);
        }
        Code ignored;
        acceptor_.close(ignored);
        is_draining_ = true;
        auto const connections = connections_;
        for (auto const& connection : connections) connection->close();
        ticker_.cancel();
        has_stopped_ticking_ = true;
        accept_pause_.cancel();
        work_.reset();
    });
}

}  // namespace billhook::net
