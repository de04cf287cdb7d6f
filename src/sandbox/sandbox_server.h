#pragma once
// SandboxServer: a sandbox on a socket, for any Stripe library and for browsers. Requests run on the server's pool.

#include <memory>
#include <string>

#include "base/result.h"

namespace billhook::net {
class HttpServer;
}

namespace billhook::sandbox {

class Sandbox;

class SandboxServer {
  public:
    /// `listen` as of net/http_server.h; port 0 takes any free one.
    SandboxServer(Sandbox& sandbox, std::string const& listen);
    ~SandboxServer();

    /// Also tells the sandbox its public address, and starts its background threads.
    Status start();
    /// host:port as bound; after start().
    std::string address() const;
    void stop();

  private:
    Sandbox& sandbox_;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace billhook::sandbox
