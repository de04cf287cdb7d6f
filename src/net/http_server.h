#pragma once
// An HTTP/1.1 server. One event loop per core, each with its own acceptor (SO_REUSEPORT); a handler runs on the loop of
// its connection and must not wait there: what waits goes to the pool by post(). Requests of one connection are
// answered in their order. It knows neither routes nor callers. Its limits answer with the problems of
// net/server_problem.h.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/timestamp.h"
#include "net/http_message.h"
#include "net/responder.h"
#include "net/trusted_proxies.h"

namespace billhook::net {

struct TlsFiles {
    std::string certificate_file;  // PEM, the server's own first
    std::string key_file;
};

struct HttpServerOptions {
    std::string listen = "127.0.0.1:0";  // an IP address or "localhost", and a port; [::1]:80; port 0 is any free one
    std::optional<TlsFiles> tls = {};
    int loops = 0;  // 0: one per core
    int pool_threads = 8;
    int pool_queue_max = 1024;
    std::size_t body_bytes_max = 1u << 20;
    std::size_t header_bytes_max = 16u << 10;
    int header_count_max = 100;
    int connections_max = 10'000;
    int connections_per_address_max = 0;               // 0: no limit; IPv6 counts by /64
    TrustedProxies connections_uncounted_from = {};    // where that limit does not hold: many speak through one
    Duration header_timeout = Duration::seconds(10);   // from the first byte (or the connection) to the end of the head
    Duration body_timeout = Duration::seconds(30);     // from the head to the end of the body
    Duration idle_timeout = Duration::seconds(75);     // between requests
    Duration request_timeout = Duration::seconds(60);  // for the handler to answer
    Duration write_timeout = Duration::seconds(30);    // for the client to take the answer
};

struct HttpServerCounts {
    std::uint64_t connections_open = 0;
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;  // by the limits above
    std::uint64_t requests = 0;
    std::uint64_t pool_queued = 0;
};

using HttpHandler = std::function<void(HttpRequest&&, Responder)>;
using Task = std::move_only_function<void()>;

class HttpServer {
  public:
    HttpServer(HttpServerOptions options, HttpHandler handler);
    ~HttpServer();  // stops without waiting for requests

    /// Takes the address; whoever connects waits for start(). Errors: `invalid` for options and TLS files,
    /// `unavailable` "listen_failed" where the address cannot be had.
    Status listen();
    /// Listens unless it does, and accepts. Errors as listen().
    Status start();
    /// host:port as bound; after listen().
    std::string address() const;
    /// Hands work to the pool. False: the queue is full or the server is stopping, and the task is destroyed uncalled.
    bool post(Task task);
    /// Reads the certificate files again, for new connections. On an error the old ones stay.
    Status reload_tls();
    HttpServerCounts counts() const;
    /// Stops accepting, lets running requests be answered (with Connection: close) for as long as `drain`, then closes
    /// what is left and joins all threads. Not from a loop or a pool thread.
    void stop(Duration drain);

  private:
    class Running;
    HttpServerOptions options_;
    HttpHandler handler_;
    std::unique_ptr<Running> running_;
};

}  // namespace billhook::net
