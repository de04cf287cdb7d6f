#pragma once
// Engine: the whole server without sockets and threads: a store, a clock, chance and a way to Stripe go in; an
// application that answers requests and workers that do what is due come out. House puts it behind sockets and turns
// its workers on threads; the simulation does both by hand. Members are destroyed in the opposite order.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cli/configuration.h"
#include "flow/access/key_table.h"
#include "flow/command/context.h"
#include "flow/command/follow_up.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "flow/outbox/worker.h"
#include "flow/projector/recent_reads.h"
#include "flow/webhook_inbox/receive.h"
#include "flow/webhook_inbox/worker.h"
#include "gateway/stripe/client.h"
#include "http/address_limit.h"
#include "http/application.h"
#include "net/trusted_proxies.h"
#include "server/catalog_shelf.h"
#include "server/metrics.h"
#include "server/token_access.h"
#include "server/worker_loop.h"

namespace billhook::server {

/// What differs between a server and a simulation. All of it outlives the engine.
struct EngineParts {
    Clock const& clock;
    Clock const& call_clock;  // of deadlines and waits: real time, even where `clock` is moved
    RandomSource& random;
    net::HttpTransport& transport;  // to Stripe, and to issuers' key sets
    stripe::Sleeper& sleeper;
    store::Store& store;
    std::string stripe_address;
    std::string stripe_key;
    std::string public_url;      // as far as it is known before the socket is bound
    bool is_sandbox = false;     // what it speaks to is the sandbox
    std::function<void()> wake;  // something was stored that a worker waits for
};

class Engine {
  public:
    /// Errors: `invalid` for the catalog or an issuer, `unavailable` for a store or a Stripe that cannot be reached.
    static Result<std::unique_ptr<Engine>> build(cli::Configuration const& configuration, EngineParts parts);

    http::Application const& application() const { return *application_; }

    /// What ends a worker's rest early: EngineParts::wake, or a clock that the sandbox moved on.
    enum class WokenBy { nothing, stored_event, moved_clock };
    struct Worker {
        std::string name;
        Duration rest;  // when there was nothing to do
        int loops = 1;  // that may run it side by side
        WokenBy woken_by = WokenBy::nothing;
        WorkerLoop::Work run_once;
    };
    std::vector<Worker> workers();

    Metrics& metrics() { return metrics_; }
    /// Ready, as /readyz says it: from the first accepted request until it is stopped.
    void set_serving(bool is_serving) { is_serving_ = is_serving; }
    /// The address that became known when the socket was bound; a return address where none is configured.
    void set_address(std::string const& public_url);
    /// Makes the endpoint in Stripe whose events come to `public_url`.
    Status register_webhook(std::string const& public_url);
    /// The text of a new key that may do everything.
    Result<std::string> create_operator_key(std::string const& name);

  private:
    Engine(cli::Configuration const& configuration, EngineParts parts)
        : configuration_(configuration), parts_(std::move(parts)) {}

    void open_stripe();
    Status load_catalog();
    /// `catalog apply` may have run in another process since: what it applied is in force here within a beat.
    Status follow_catalog();
    Status open_doors();
    void add_workers();
    /// Asks the database for a sign of life; whether it came decides, with its age, whether the server is ready.
    Status hear_database();
    bool is_ready() const;
    /// Once an hour, in batches: what has been kept long enough goes, and endpoints whose secret was rotated away.
    Result<Progress> keep_up();

    cli::Configuration const& configuration_;
    EngineParts const parts_;
    Metrics metrics_;
    CatalogShelf shelf_;
    bool is_catalog_new_ = false;  // of the beat alone

    stripe::CircuitBreaker breaker_;
    std::unique_ptr<stripe::Client> stripe_;

    flow::KeyTable keys_;
    flow::SnapshotTable snapshots_;
    std::unique_ptr<flow::SnapshotKeeper> keeper_;
    flow::RecentReads recent_reads_;
    std::unique_ptr<flow::ProjectorContext> projector_;
    std::unique_ptr<flow::CommandContext> commands_;
    std::unique_ptr<flow::WebhookSecrets> secrets_;
    std::unique_ptr<flow::WebhookReceiver> receiver_;
    std::unique_ptr<flow::InboxWorker> inbox_;
    std::unique_ptr<flow::OutboxWorker> outbox_;
    std::unique_ptr<flow::FollowUp> follow_up_;

    std::unique_ptr<TokenAccess> tokens_;
    net::TrustedProxies proxies_;
    std::unique_ptr<http::AddressLimit> key_failures_;
    std::unique_ptr<http::AddressLimit> anonymous_requests_;
    std::unique_ptr<http::Context> context_;
    std::unique_ptr<http::Application> application_;
    std::atomic<bool> is_serving_ = false;
    std::atomic<std::int64_t> database_heard_at_ms_ = 0;  // by the call clock; 0: it failed when it was last asked
    Timestamp next_upkeep_{};
};

}  // namespace billhook::server
