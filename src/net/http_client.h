#pragma once
// CurlTransport: HTTP/1.1 over sockets and TLS by libcurl. Connections are kept alive between requests; certificates
// are always verified; redirects are answers, never followed. It does not retry: whether a request may be repeated is
// known only to the caller. (libcurl itself resends when a kept connection turns out to be dead; that is let happen
// only for requests that may be repeated: safe and idempotent methods, and whatever carries an Idempotency-Key.)

#include <memory>
#include <string>

#include "net/http_transport.h"

namespace billhook::net {

struct CurlTransportOptions {
    int requests_at_once_max = 32;  // further senders wait, within their own timeout
    Duration connect_timeout = Duration::seconds(10);
    std::size_t response_bytes_max = 16u << 20;  // head and body together
    std::string ca_file;                         // PEM; empty: the system's certificates
    std::string user_agent = "billhook";
};

class CurlTransport final : public HttpTransport {
  public:
    explicit CurlTransport(CurlTransportOptions options = {});
    ~CurlTransport() override;  // no send() may be running

    /// The request's target is an absolute http or https address. Content-Length is set here.
    Result<HttpResponse> send(HttpRequest const& request, Duration timeout) override;

  private:
    class Pool;
    CurlTransportOptions options_;
    std::unique_ptr<Pool> pool_;
};

}  // namespace billhook::net
