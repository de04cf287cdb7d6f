#include "net/event_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "base/check.h"
#include "base/log.h"
#include "net/connection.h"

namespace billhook::net {
namespace {

constexpr std::chrono::milliseconds accept_retry_delay{100};
constexpr int accepts_in_a_turn_max = 64;
// More would let clients wait for answers that are ready, and then come back all at once.
constexpr std::size_t answers_together_max = 8;

std::chrono::milliseconds tick_interval(HttpServerOptions const& options) {
    auto const shortest = std::min({options.header_timeout, options.body_timeout, options.idle_timeout,
                                    options.request_timeout, options.write_timeout});
    return std::chrono::milliseconds(std::clamp<std::int64_t>(shortest.ms / 8, 5, 500));
}

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_socket_address(ListenAddress const& address, IpAddress const& ip) {
    SocketAddress made;
    if (address.ip.find(':') == std::string::npos) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(made.storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        std::memcpy(&v4.sin_addr, ip.data() + 12, sizeof v4.sin_addr);
        made.size = sizeof v4;
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(made.storage);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(address.port);
        std::memcpy(&v6.sin6_addr, ip.data(), ip.size());
        made.size = sizeof v6;
    }
    return made;
}

IpAddress ip_of(SocketAddress const& address) {
    if (address.storage.ss_family == AF_INET) {
        IpAddress ip = mapped_ipv4;
        std::memcpy(ip.data() + 12, &reinterpret_cast<sockaddr_in const&>(address.storage).sin_addr, 4);
        return ip;
    }
    IpAddress ip;
    std::memcpy(ip.data(), &reinterpret_cast<sockaddr_in6 const&>(address.storage).sin6_addr, ip.size());
    return ip;
}

std::uint16_t port_of(SocketAddress const& address) {  // at the same place in both families
    return ntohs(reinterpret_cast<sockaddr_in const&>(address.storage).sin_port);
}

bool allow(int socket, int level, int option) {
    int const yes = 1;
    return ::setsockopt(socket, level, option, &yes, sizeof yes) == 0;
}

template <class Work>
void guarded(Work const& work) {
    try {
        work();
    } catch (std::exception const& exception) {
        log(LogLevel::error, "an event loop met an exception and goes on", {{"what", exception.what()}});
    }
}

}  // namespace

EventLoop::EventLoop(std::shared_ptr<ServerShared> shared)
    : shared_(std::move(shared)),
      poller_(::epoll_create1(EPOLL_CLOEXEC)),
      waker_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      tick_interval_(tick_interval(shared_->options)) {}
EventLoop::~EventLoop() = default;

Status EventLoop::listen(ListenAddress& address) {
    auto const refuse = [&] {
        return fail(unavailable("listen_failed", to_text(address) + ": " + std::strerror(errno)));
    };
    auto const ip = parse_ip_address(address.ip);
    if (!ip) return fail(unavailable("listen_failed", to_text(address) + ": not an IP address"));
    auto wanted = to_socket_address(address, *ip);
    if (!poller_.is_open() || !waker_.is_open()) return refuse();
    Descriptor made(::socket(wanted.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made.is_open()) return refuse();
    if (!allow(made.get(), SOL_SOCKET, SO_REUSEADDR) || !allow(made.get(), SOL_SOCKET, SO_REUSEPORT)) return refuse();
    if (::bind(made.get(), wanted.get(), wanted.size) != 0 || ::listen(made.get(), SOMAXCONN) != 0) return refuse();
    SocketAddress bound;
    if (::getsockname(made.get(), bound.get(), &bound.size) != 0) return refuse();
    address.port = port_of(bound);
    listener_ = std::move(made);
    return {};
}

void EventLoop::run() {
    thread_ = pthread_self();
    watch(waker_.get(), EPOLLIN, nullptr);
    watch(listener_.get(), EPOLLIN, this);
    now_ = std::chrono::steady_clock::now();
    next_tick_ = now_ + tick_interval_;
    while (!is_over_) turn();
}

// The calls of one connection may end others, so none is destroyed before the turn is over.
void EventLoop::turn() {
    int const count = ::epoll_wait(poller_.get(), events_.data(), static_cast<int>(events_.size()),
                                   called_again_.empty() ? milliseconds_to_wait() : 0);
    now_ = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
        guarded([&] { handle(events_[static_cast<std::size_t>(i)]); });
        if (to_flush_.size() >= answers_together_max) flush_waiting();
    }
    std::swap(being_called_, called_again_);
    for (auto const& connection : being_called_) guarded([&] { connection->on_ready(0); });
    being_called_.clear();
    if (now_ >= next_tick_) guarded([&] { tick(); });
    flush_waiting();
    gone_.clear();
}

void EventLoop::flush_waiting() {
    for (std::size_t i = 0; i < to_flush_.size(); ++i) guarded([&] { to_flush_[i]->flush_and_settle(); });
    to_flush_.clear();
}

void EventLoop::handle(epoll_event const& event) {
    if (event.data.ptr == nullptr) return take_posted();
    if (event.data.ptr == this) return accept_waiting(accepts_in_a_turn_max);
    static_cast<Connection*>(event.data.ptr)->on_ready(event.events);
}

int EventLoop::milliseconds_to_wait() const {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(next_tick_ - now_);
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void EventLoop::watch(int descriptor, std::uint32_t changes, void* mark) {
    epoll_event event{.events = changes, .data = {.ptr = mark}};
    if (::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        log(LogLevel::error, "a socket cannot be watched", {{"what", std::strerror(errno)}});
}

void EventLoop::watch(int socket, Connection& connection) {
    watch(socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &connection);
}

bool EventLoop::is_current_thread() const {
    return pthread_equal(thread_, pthread_self()) != 0;
}

void EventLoop::accept_waiting(int connections_max) {
    for (int i = 0; i < connections_max && listener_.is_open(); ++i) {
        SocketAddress peer;
        Descriptor socket(::accept4(listener_.get(), peer.get(), &peer.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket.is_open()) {
            on_accepted(std::move(socket), ip_of(peer));
            continue;
        }
        if (errno == EAGAIN) return;
        // One that has gone again is no reason to wait.
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return pause_accepting();
    }
}

// Out of descriptors, most likely: those in use must come back first.
void EventLoop::pause_accepting() {
    log(LogLevel::warn, "a connection could not be accepted", {{"what", std::strerror(errno)}});
    ::epoll_ctl(poller_.get(), EPOLL_CTL_DEL, listener_.get(), nullptr);
    is_accepting_paused_ = true;
    accepts_from_ = now_ + accept_retry_delay;
    next_tick_ = std::min(next_tick_, accepts_from_);
}

void EventLoop::on_accepted(Descriptor socket, IpAddress const& peer) {
    bool const is_counted = !shared_->options.connections_uncounted_from.contains(peer);
    auto place = shared_->census.enter(is_counted ? std::optional(household_of(peer)) : std::nullopt);
    if (!place) return refuse(socket);
    allow(socket.get(), IPPROTO_TCP, TCP_NODELAY);
    auto connection =
        make_connection(shared_from_this(), std::move(place), std::move(socket), to_text(peer), shared_->tls.current());
    connection->index_in_loop = connections_.size();
    connections_.push_back(connection);
    connection->start();
}

// One attempt and no waiting: a flood must not find anything to hold on to.
void EventLoop::refuse(Descriptor const& socket) {
    if (shared_->tls.current()) return;
    auto response = to_response(ServerProblem::too_many_connections, "Close some, or try again later.");
    response.headers.set("Retry-After", "1");
    std::string text;
    append_response_head(text, response, {.keep_alive = false}, date());
    text += response.body;
    if (::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0) ::shutdown(socket.get(), SHUT_WR);
}

void EventLoop::post_answer(std::shared_ptr<Connection> connection, std::uint64_t request, HttpResponse&& response) {
    std::lock_guard lock(posted_mutex_);
    if (has_ended_) return;
    // Whoever commits for a group answers all of it: one wake-up for the lot.
    if (answers_.empty()) wake();
    answers_.push_back({std::move(connection), request, std::move(response)});
}

void EventLoop::post(std::function<void()> task) {
    std::lock_guard lock(posted_mutex_);
    tasks_.push_back(std::move(task));
    wake();
}

void EventLoop::wake() const {
    std::uint64_t const one = 1;
    CHECK(::write(waker_.get(), &one, sizeof one) == sizeof one || errno == EAGAIN);
}

void EventLoop::take_posted() {
    std::uint64_t count = 0;
    CHECK(::read(waker_.get(), &count, sizeof count) == sizeof count || errno == EAGAIN);
    std::vector<Answer> answers;
    std::vector<std::function<void()>> tasks;
    {
        std::lock_guard lock(posted_mutex_);
        answers.swap(answers_);
        tasks.swap(tasks_);
    }
    for (auto& answer : answers)
        guarded([&] { answer.connection->answer(answer.request, std::move(answer.response)); });
    for (auto const& task : tasks) guarded(task);
}

void EventLoop::remove(Connection& connection) {
    auto const index = connection.index_in_loop;
    gone_.push_back(std::move(connections_[index]));
    if (index + 1 != connections_.size()) {
        connections_[index] = std::move(connections_.back());
        connections_[index]->index_in_loop = index;
    }
    connections_.pop_back();
}

std::string_view EventLoop::date() {
    return date_.at(std::time(nullptr));
}

// From the back: a connection that closes is replaced in its place by the last, which has had its turn.
void EventLoop::tick() {
    next_tick_ = now_ + tick_interval_;
    if (is_accepting_paused_ && now_ >= accepts_from_) {
        is_accepting_paused_ = false;
        if (listener_.is_open()) watch(listener_.get(), EPOLLIN, this);
    }
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (i >= connections_.size()) continue;
        auto const connection = connections_[i];
        connection->tick(now_);
    }
}

void EventLoop::stop_accepting() {
    post([this] {
        // Whoever waits there believes to be connected, and may have asked already.
        accept_waiting(SOMAXCONN);
        listener_.close();
        is_draining_ = true;
        auto const connections = connections_;
        for (auto const& connection : connections) connection->drain();
    });
}

void EventLoop::end() {
    post([this] {
        std::vector<Answer> abandoned;
        {
            std::lock_guard lock(posted_mutex_);
            has_ended_ = true;
            abandoned.swap(answers_);
        }
        listener_.close();
        is_draining_ = true;
        auto const connections = connections_;
        for (auto const& connection : connections) connection->close();
        is_over_ = true;
    });
}

}  // namespace billhook::net
