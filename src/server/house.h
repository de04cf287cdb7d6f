#pragma once
// House: the engine behind sockets, its workers on threads, the sandbox beside it where that is wanted. Reading build()
// tells who knows whom; members are destroyed in the opposite order. One House is one running `billhook serve`.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cli/configuration.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "server/engine.h"
#include "server/sandbox_host.h"
#include "server/worker_loop.h"

namespace billhook::server {

class House {
  public:
    /// Everything up to the listening socket. Errors say what to mend: `invalid` for the configuration, `unavailable`
    /// for a database or a Stripe that cannot be reached.
    static Result<std::unique_ptr<House>> build(cli::Configuration const& configuration);
    ~House();

    /// "ready http=… sandbox=… key=…", the line that scripts wait for.
    std::string ready_line() const;
    /// Stops taking requests, lets what runs finish, stops the workers, closes the store. Nothing that was
    /// acknowledged is lost.
    void stop();
    /// Certificate files were replaced.
    Status reload_tls() { return server_->reload_tls(); }

  private:
    explicit House(cli::Configuration const& configuration);

    Status open_store();
    Status start_sandbox();
    Status build_engine();
    Status listen();
    void make_workers();
    void wake(Engine::WokenBy cause);
    Status prepare_dev();

    std::string public_url() const;
    void save_clock() const;

    cli::Configuration const configuration_;
    SystemClock system_clock_;
    ShiftedClock clock_;
    SystemRandom random_;
    net::CurlTransport transport_;
    stripe::ThreadSleeper sleeper_;

    std::unique_ptr<SandboxHost> sandbox_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<net::HttpServer> server_;
    std::vector<std::unique_ptr<WorkerLoop>> workers_;
    std::map<Engine::WokenBy, std::vector<WorkerLoop*>> woken_;  // of workers_
    std::atomic<bool> are_workers_made_ = false;                 // the sandbox runs before they are
    std::string dev_key_;
};

}  // namespace billhook::server
