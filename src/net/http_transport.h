#pragma once
// HttpTransport: somebody who answers an HTTP request. Over a socket (net/http_client.h), or straight into the sandbox
// for simulation. Implementations are thread-safe and block until there is an answer.

#include "base/result.h"
#include "base/timestamp.h"
#include "net/http_message.h"

namespace billhook::net {

class HttpTransport {
  public:
    virtual ~HttpTransport() = default;
    /// Any status is a value. Errors are `unavailable`: reason "connect_failed" (nothing was sent), or "timeout",
    /// "connection_lost" and "response_too_large" (the peer may have acted). A request that cannot be sent at all
    /// (malformed address, line ends in a header) is `invalid`.
    virtual Result<HttpResponse> send(HttpRequest const& request, Duration timeout) = 0;
};

}  // namespace billhook::net
