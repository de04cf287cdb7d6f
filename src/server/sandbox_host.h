#pragma once
// SandboxHost: the sandbox behind a listening socket. Beside `serve --dev` it shares the program's clock, so that
// advancing clock_sandbox moves Billhook's time too.

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "sandbox/sandbox.h"

namespace billhook::server {

struct SandboxHostOptions {
    std::string listen;     // "127.0.0.1:12111"; port 0: any free one
    std::string data_file;  // empty: in memory
    std::uint64_t seed = 1;
};

class SandboxHost {
  public:
    static Result<std::unique_ptr<SandboxHost>> start(SandboxHostOptions const& options, ShiftedClock& clock);
    ~SandboxHost();

    std::string url() const { return "http://" + server_->address(); }
    void stop();

  private:
    SandboxHost() = default;
    net::CurlTransport webhooks_;
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    std::atomic<sandbox::Sandbox*> ready_ = nullptr;  // set once it may be asked
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace billhook::server
