#pragma once
// SandboxHost: the sandbox of a program, on a socket, with webhooks sent over HTTP. Beside `serve --dev` it shares the
// program's clock, so that advancing clock_sandbox moves Billhook's time too.

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/http_client.h"
#include "sandbox/sandbox.h"
#include "sandbox/sandbox_server.h"

namespace billhook::server {

struct SandboxHostOptions {
    std::string listen;     // "127.0.0.1:12111"; port 0: any free one
    std::string data_file;  // empty: in memory
    std::uint64_t seed = 1;
};

class SandboxHost {
  public:
    /// `on_moved` is called whenever the clock was moved on, by the sandbox's own thread.
    static Result<std::unique_ptr<SandboxHost>> start(SandboxHostOptions const& options, ShiftedClock& clock,
                                                      std::function<void()> on_moved = {});

    std::string url() const { return "http://" + server_->address(); }
    void stop() { server_->stop(); }

  private:
    SandboxHost() = default;
    net::CurlTransport webhooks_;
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    std::unique_ptr<sandbox::SandboxServer> server_;
};

}  // namespace billhook::server
