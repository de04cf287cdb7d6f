// The two ways a connection's bytes travel.

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "net/connection.h"

namespace billhook::net {
namespace {

namespace asio = boost::asio;
using Socket = asio::ip::tcp::socket;
using Code = boost::system::error_code;

std::array<asio::const_buffer, 2> buffers_of(std::string_view head, std::string_view body) {
    return {asio::buffer(head.data(), head.size()), asio::buffer(body.data(), body.size())};
}

void close_quietly(Socket& socket) {
    Code ignored;
    socket.close(ignored);
}

bool is_plain_http(Code const& error) {
    return error.category() == asio::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

class PlainConnection final : public Connection {
  public:
    PlainConnection(std::shared_ptr<EventLoop> loop, Place place, Socket socket, std::string remote_address)
        : Connection(std::move(loop), std::move(place), std::move(remote_address)), socket_(std::move(socket)) {}

  private:
    std::shared_ptr<PlainConnection> self() { return std::static_pointer_cast<PlainConnection>(shared_from_this()); }

    void begin_handshake() override { on_handshake(true); }

    void begin_read(std::span<char> into) override {
        socket_.async_read_some(asio::buffer(into.data(), into.size()),
                                [self = self()](Code error, std::size_t bytes) { self->on_read(bytes, bool(error)); });
    }

    // Nearly every answer fits into the socket's buffer, so it is tried at once and Asio is asked only for the rest. An
    // error here is not reported: the read that follows meets it too.
    bool write(std::string_view head, std::string_view body) override {
        Code error;
        std::size_t const sent = socket_.write_some(buffers_of(head, body), error);
        if (error && error != asio::error::would_block) return true;
        if (sent == head.size() + body.size()) return true;
        auto const from_head = std::min(sent, head.size());
        asio::async_write(socket_, buffers_of(head.substr(from_head), body.substr(sent - from_head)),
                          [self = self()](Code failure, std::size_t) { self->on_written(bool(failure)); });
        return false;
    }

    void begin_shutdown() override {
        Code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
    }
    void close_socket() override { close_quietly(socket_); }

    Socket socket_;
};

class TlsConnection final : public Connection {
  public:
    TlsConnection(std::shared_ptr<EventLoop> loop, Place place, Socket socket, std::string remote_address,
                  std::shared_ptr<TlsContext> tls)
        : Connection(std::move(loop), std::move(place), std::move(remote_address)),
          tls_(std::move(tls)),
          stream_(std::move(socket), tls_->context) {}

  private:
    std::shared_ptr<TlsConnection> self() { return std::static_pointer_cast<TlsConnection>(shared_from_this()); }

    void begin_handshake() override {
        stream_.async_handshake(asio::ssl::stream_base::server, [self = self()](Code error) {
            if (is_plain_http(error)) self->refuse_plain_http();
            self->on_handshake(!error);
        });
    }
    // Whoever forgot the "s" is told so, in the words that he understands; one attempt, no waiting.
    void refuse_plain_http() {
        auto response = to_response(ServerProblem::https_expected, "Ask again with https:// in place of http://.");
        std::string text;
        append_response_head(text, response, {.keep_alive = false}, loop_date());
        text += response.body;
        Code ignored;
        stream_.next_layer().write_some(asio::buffer(text), ignored);
        stream_.next_layer().shutdown(Socket::shutdown_send, ignored);
    }
    void begin_read(std::span<char> into) override {
        stream_.async_read_some(asio::buffer(into.data(), into.size()),
                                [self = self()](Code error, std::size_t bytes) { self->on_read(bytes, bool(error)); });
    }
    bool write(std::string_view head, std::string_view body) override {
        asio::async_write(stream_, buffers_of(head, body),
                          [self = self()](Code error, std::size_t) { self->on_written(bool(error)); });
        return false;
    }
    void begin_shutdown() override {
        stream_.async_shutdown([self = self()](Code) { self->close(); });
    }
    void close_socket() override { close_quietly(stream_.next_layer()); }

    std::shared_ptr<TlsContext> const tls_;
    asio::ssl::stream<Socket> stream_;
};

}  // namespace

std::shared_ptr<Connection> make_connection(std::shared_ptr<EventLoop> loop, Connection::Place place, Socket socket,
                                            std::string remote_address, std::shared_ptr<TlsContext> tls) {
    if (tls)
        return std::make_shared<TlsConnection>(std::move(loop), std::move(place), std::move(socket),
                                               std::move(remote_address), std::move(tls));
    return std::make_shared<PlainConnection>(std::move(loop), std::move(place), std::move(socket),
                                             std::move(remote_address));
}

}  // namespace billhook::net
