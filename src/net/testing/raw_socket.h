#pragma once
// Plain blocking sockets for tests: to say to a server what no well-behaved client says, and to be a server that
// misbehaves. Every wait is bounded, so that a broken test fails instead of hanging. Included by tests only.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace billhook::net::testing {

inline constexpr int wait_ms_max = 30'000;

class RawSocket {
  public:
    explicit RawSocket(int descriptor = -1) : descriptor_(descriptor) {}
    RawSocket(RawSocket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), unread_(std::move(other.unread_)) {}
    RawSocket& operator=(RawSocket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        std::swap(unread_, other.unread_);
        return *this;
    }
    ~RawSocket() { close(); }

    /// `address` is "127.0.0.1:port"; `from` is another address of this machine.
    static RawSocket connect(std::string const& address, char const* from = nullptr) {
        sockaddr_in peer{.sin_family = AF_INET};
        auto const colon = address.rfind(':');
        peer.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
        inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr);
        int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (from) {
            sockaddr_in local{.sin_family = AF_INET};
            inet_pton(AF_INET, from, &local.sin_addr);
            if (::bind(descriptor, reinterpret_cast<sockaddr*>(&local), sizeof local) != 0) {
                ::close(descriptor);
                return RawSocket();
            }
        }
        if (::connect(descriptor, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0) {
            ::close(descriptor);
            return RawSocket();
        }
        return RawSocket(descriptor);
    }

    bool is_open() const { return descriptor_ >= 0; }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    void shutdown_write() { ::shutdown(descriptor_, SHUT_WR); }

    bool send(std::string_view text) {
        while (!text.empty()) {
            auto const sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Reads until `mark` has come (included in the answer), or the peer closed, or the wait is over.
    std::string read_until(std::string_view mark) {
        while (unread_.find(mark) == std::string::npos && receive()) {
        }
        auto const found = unread_.find(mark);
        return take(found == std::string::npos ? unread_.size() : found + mark.size());
    }
    std::string read_exactly(std::size_t bytes) {
        while (unread_.size() < bytes && receive()) {
        }
        return take(std::min(bytes, unread_.size()));
    }
    /// Until the peer closes. A reset counts as closed.
    std::string read_to_end() {
        while (receive()) {
        }
        return take(unread_.size());
    }
    /// One response: its head, and as much body as its Content-Length says.
    std::string read_response() {
        std::string response = read_until("\r\n\r\n");
        auto const length = response.find("Content-Length: ");
        if (length != std::string::npos)
            response += read_exactly(static_cast<std::size_t>(std::atoll(response.c_str() + length + 16)));
        return response;
    }
    bool is_closed_by_peer() { return unread_.empty() && !receive(); }

  private:
    std::string take(std::size_t bytes) {
        std::string taken = unread_.substr(0, bytes);
        unread_.erase(0, bytes);
        return taken;
    }
    bool receive() {
        pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, wait_ms_max) <= 0) return false;
        char buffer[16384];
        auto const count = ::recv(descriptor_, buffer, sizeof buffer, 0);
        if (count <= 0) return false;
        unread_.append(buffer, static_cast<std::size_t>(count));
        return true;
    }

    int descriptor_;
    std::string unread_;
};

/// Listens on a free port of 127.0.0.1.
class RawListener {
  public:
    RawListener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in local{.sin_family = AF_INET};
        local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof local;
        if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&local), size) != 0) std::abort();
        ::listen(descriptor_, 16);
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&local), &size);
        address_ = "127.0.0.1:" + std::to_string(ntohs(local.sin_port));
    }
    RawListener(RawListener const&) = delete;
    RawListener& operator=(RawListener const&) = delete;
    ~RawListener() { close(); }

    std::string const& address() const { return address_; }
    RawSocket accept() {
        pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, wait_ms_max) <= 0) return RawSocket();
        return RawSocket(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
    }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

  private:
    int descriptor_;
    std::string address_;
};

}  // namespace billhook::net::testing
