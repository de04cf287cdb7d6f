#pragma once
// Sandbox: a stateful Stripe. It answers API requests, moves time, and sends signed webhooks. It opens no socket: a
// server (or a test, or the simulation) hands it requests, and it is given a transport for its webhooks.
// handle() is thread-safe. Time passes by start()'s threads, or step by step through run_due() and deliver_due().

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_message.h"
#include "net/http_transport.h"
#include "sandbox/core/settings.h"

namespace billhook::sandbox {

struct World;
class Machine;

struct SandboxOptions {
    std::uint64_t seed = 1;
    Clock const* clock = nullptr;  // required
    /// Moves that clock on; without it clock_sandbox cannot be advanced. It never goes back.
    std::function<void(Timestamp)> move_clock = {};
    std::string data_file = {};                       // SQLite; empty: in memory
    net::HttpTransport* webhook_transport = nullptr;  // without it events wait to be read by GET /v1/events
    Settings settings = {};
};

class Sandbox {
  public:
    /// Errors: `unavailable` where the data file cannot be used.
    static Result<std::unique_ptr<Sandbox>> open(SandboxOptions options);
    /// In memory only.
    explicit Sandbox(SandboxOptions options);
    ~Sandbox();
    Sandbox(Sandbox const&) = delete;

    /// A status of 0 is a fault on demand: close the connection without an answer.
    net::HttpResponse handle(net::HttpRequest const& request);

    /// Runs what is due on the sandbox's own clock by now, and finishes test clocks that are advancing.
    void run_due();
    /// Sends the webhooks that are due by now; the number sent. From one thread at a time.
    int deliver_due();
    /// When deliver_due() next has something to do.
    std::optional<Timestamp> next_delivery() const;

    /// Runs due work and deliveries in the background until stop().
    void start();
    void stop();

    /// Where browsers reach the hosted pages: "http://127.0.0.1:12111".
    void set_public_url(std::string url);

    /// For the resource code's own tests.
    World& world();

  private:
    explicit Sandbox(std::unique_ptr<Machine> machine);
    std::unique_ptr<Machine> machine_;
};

}  // namespace billhook::sandbox
