// The two ways a connection's bytes travel.

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "net/connection.h"

namespace billhook::net {
namespace {

enum class Progress { done, waiting, failed };

// What is left of an answer: its two parts, from the front.
struct Output {
    std::string_view head, body;

    bool empty() const { return head.empty() && body.empty(); }
    void advance(std::size_t bytes) {
        auto const of_head = std::min(bytes, head.size());
        head.remove_prefix(of_head);
        body.remove_prefix(bytes - of_head);
    }
};

bool has_unread_bytes(Descriptor const& socket) {
    int bytes = 0;
    return ::ioctl(socket.get(), FIONREAD, &bytes) == 0 && bytes > 0;
}

class PlainConnection final : public Connection {
  public:
    PlainConnection(std::shared_ptr<EventLoop> loop, Place place, Descriptor socket, std::string remote_address)
        : Connection(std::move(loop), std::move(place), std::move(remote_address)), socket_(std::move(socket)) {}

    void on_ready(std::uint32_t changes) override {
        if (!socket_.is_open()) return;
        if (changes & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) may_have_input_ = true;
        if (changes & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) is_end_near_ = true;
        if (!unsent_.empty()) {
            auto const progress = send_unsent();
            if (progress != Progress::waiting) on_written(progress == Progress::failed);
        }
        if (socket_.is_open() && !wanted_.empty() && may_have_input_) receive();
    }

  private:
    void begin_handshake() override {
        loop().watch(socket_.get(), *this);
        on_handshake(true);
    }

    void begin_read(std::span<char> into) override {
        wanted_ = into;
        if (may_have_input_) loop().call_again(shared_from_this());
    }

    // Whoever gets less than he has room for has got all; the next byte, or the end, is a change that is told.
    void receive() {
        auto const count = ::recv(socket_.get(), wanted_.data(), wanted_.size(), 0);
        if (count < 0 && errno == EINTR) return loop().call_again(shared_from_this());
        if (count < 0 && errno == EAGAIN) {
            may_have_input_ = false;
            return;
        }
        auto const bytes = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
        if (count > 0 && bytes < wanted_.size() && !is_end_near_) may_have_input_ = false;
        wanted_ = {};
        on_read(bytes, count <= 0);
    }

    // Nearly every answer fits into the socket's buffer. An error here is not reported: the read that follows meets it
    // too.
    bool write(std::string_view head, std::string_view body) override {
        unsent_ = {head, body};
        return send_unsent() != Progress::waiting;
    }

    Progress send_unsent() {
        while (!unsent_.empty()) {
            auto const sent = send_some();
            if (sent >= 0) {
                unsent_.advance(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                return Progress::waiting;
            } else if (errno != EINTR) {
                unsent_ = {};
                return Progress::failed;
            }
        }
        return Progress::done;
    }

    ssize_t send_some() {
        if (unsent_.body.empty()) return ::send(socket_.get(), unsent_.head.data(), unsent_.head.size(), MSG_NOSIGNAL);
        std::array<iovec, 2> parts{iovec{const_cast<char*>(unsent_.head.data()), unsent_.head.size()},
                                   iovec{const_cast<char*>(unsent_.body.data()), unsent_.body.size()}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    }

    bool has_input() const override { return has_unread_bytes(socket_); }
    void begin_shutdown() override { ::shutdown(socket_.get(), SHUT_WR); }
    void close_socket() override { socket_.close(); }

    Descriptor socket_;
    std::span<char> wanted_;  // input goes here; empty: none is wanted
    Output unsent_;
    bool may_have_input_ = false;
    bool is_end_near_ = false;  // the peer sends no more: read on until that is met
};

class TlsConnection final : public Connection {
  public:
    TlsConnection(std::shared_ptr<EventLoop> loop, Place place, Descriptor socket, std::string remote_address,
                  std::shared_ptr<TlsContext> tls)
        : Connection(std::move(loop), std::move(place), std::move(remote_address)),
          tls_(std::move(tls)),
          socket_(std::move(socket)),
          stream_(SSL_new(tls_->get()), SSL_free) {
        CHECK(stream_ != nullptr && SSL_set_fd(stream_.get(), socket_.get()) == 1);
    }

    // Whichever way TLS has to go on, it may wait for either direction of the socket.
    void on_ready(std::uint32_t) override {
        if (socket_.is_open() && is_shaking_hands_) shake_hands();
        if (socket_.is_open() && !unsent_.empty()) {
            auto const progress = send_unsent();
            if (progress != Progress::waiting) on_written(progress == Progress::failed);
        }
        if (socket_.is_open() && is_saying_goodbye_) say_goodbye();
        if (socket_.is_open() && !wanted_.empty()) receive();
    }

  private:
    void begin_handshake() override { loop().watch(socket_.get(), *this); }

    void shake_hands() {
        ERR_clear_error();
        int const result = SSL_accept(stream_.get());
        if (result != 1 && is_waiting(result)) return;
        if (result != 1 && ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) refuse_plain_http();
        is_shaking_hands_ = false;
        on_handshake(result == 1);
    }
    // Whoever forgot the "s" is told so, in the words that he understands; one attempt, no waiting.
    void refuse_plain_http() {
        auto response = to_response(ServerProblem::https_expected, "Ask again with https:// in place of http://.");
        std::string text;
        append_response_head(text, response, {.keep_alive = false}, loop().date());
        text += response.body;
        if (::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0) ::shutdown(socket_.get(), SHUT_WR);
    }

    // There may be input that was decrypted already, of which the socket tells nothing.
    void begin_read(std::span<char> into) override {
        wanted_ = into;
        loop().call_again(shared_from_this());
    }
    void receive() {
        if (is_over_) return throw_away();
        ERR_clear_error();
        int const count = SSL_read(stream_.get(), wanted_.data(), static_cast<int>(wanted_.size()));
        if (count <= 0 && is_waiting(count)) return;
        wanted_ = {};
        on_read(static_cast<std::size_t>(std::max(count, 0)), count <= 0);
    }

    bool write(std::string_view head, std::string_view body) override {
        unsent_ = {head, body};
        return send_unsent() != Progress::waiting;
    }
    Progress send_unsent() {
        while (!unsent_.empty()) {
            auto const part = unsent_.head.empty() ? unsent_.body : unsent_.head;
            ERR_clear_error();
            std::size_t sent = 0;
            int const result = SSL_write_ex(stream_.get(), part.data(), part.size(), &sent);
            if (result == 1) {
                unsent_.advance(sent);
            } else if (is_waiting(result)) {
                return Progress::waiting;
            } else {
                unsent_ = {};
                return Progress::failed;
            }
        }
        return Progress::done;
    }
    bool is_waiting(int result) const {
        int const error = SSL_get_error(stream_.get(), result);
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    }

    // Also a part of a record, or of a handshake.
    bool has_input() const override {
        return has_unread_bytes(socket_) || SSL_has_pending(stream_.get()) == 1 ||
               (is_shaking_hands_ && BIO_number_read(SSL_get_rbio(stream_.get())) > 0);
    }

    void begin_shutdown() override {
        is_over_ = is_saying_goodbye_ = true;
        say_goodbye();
    }
    void say_goodbye() {
        ERR_clear_error();
        int const result = SSL_shutdown(stream_.get());
        if (result < 0 && is_waiting(result)) return;
        is_saying_goodbye_ = false;
        ::shutdown(socket_.get(), SHUT_WR);
    }
    // Nobody decrypts what comes after the last answer.
    void throw_away() {
        auto const count = ::recv(socket_.get(), wanted_.data(), wanted_.size(), 0);
        if (count < 0 && errno == EINTR) return loop().call_again(shared_from_this());
        if (count < 0 && errno == EAGAIN) return;
        wanted_ = {};
        on_read(static_cast<std::size_t>(std::max<ssize_t>(count, 0)), count <= 0);
    }
    void close_socket() override { socket_.close(); }

    std::shared_ptr<TlsContext> const tls_;
    Descriptor socket_;
    std::unique_ptr<SSL, decltype(&SSL_free)> const stream_;
    std::span<char> wanted_;  // input goes here; empty: none is wanted
    Output unsent_;
    bool is_shaking_hands_ = true;
    bool is_over_ = false;            // the last answer was written
    bool is_saying_goodbye_ = false;  // the end of our direction is still to be written
};

}  // namespace

std::shared_ptr<Connection> make_connection(std::shared_ptr<EventLoop> loop, Connection::Place place, Descriptor socket,
                                            std::string remote_address, std::shared_ptr<TlsContext> tls) {
    if (tls)
        return std::make_shared<TlsConnection>(std::move(loop), std::move(place), std::move(socket),
                                               std::move(remote_address), std::move(tls));
    return std::make_shared<PlainConnection>(std::move(loop), std::move(place), std::move(socket),
                                             std::move(remote_address));
}

}  // namespace billhook::net
