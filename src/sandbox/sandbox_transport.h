#pragma once
// SandboxTransport: straight into a sandbox in the same process, no socket.

#include "net/http_transport.h"
#include "sandbox/sandbox.h"

namespace billhook::sandbox {

class SandboxTransport : public net::HttpTransport {
  public:
    explicit SandboxTransport(Sandbox& sandbox) : sandbox_(sandbox) {}
    /// An absolute URL is taken by its path.
    Result<net::HttpResponse> send(net::HttpRequest const& request, Duration timeout) override;

  private:
    Sandbox& sandbox_;
};

}  // namespace billhook::sandbox
