#pragma once
// House: the whole server, built top to bottom. Reading the constructor's order tells who knows whom; members are
// destroyed in the opposite order. One House is one running `billhook serve`.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cli/configuration.h"
#include "flow/access/key_table.h"
#include "flow/command/context.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "flow/outbox/worker.h"
#include "flow/projector/recent_reads.h"
#include "flow/webhook_inbox/receive.h"
#include "flow/webhook_inbox/worker.h"
#include "gateway/stripe/client.h"
#include "http/application.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "server/catalog_shelf.h"
#include "server/metrics.h"
#include "server/sandbox_host.h"
#include "server/token_access.h"
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
    /// Stops taking requests, lets what runs finish, stops the workers. Nothing that was acknowledged is lost.
    void stop();
    /// Certificate files were replaced.
    Status reload_tls() { return server_->reload_tls(); }

  private:
    explicit House(cli::Configuration const& configuration);

    Status open_store();
    Status start_sandbox();
    Status open_stripe();
    Status load_catalog();
    Status open_doors();
    void add_workers();
    Status prepare_dev();

    std::string public_url() const;
    std::string stripe_key() const;
    void save_clock() const;

    cli::Configuration const configuration_;
    SystemClock system_clock_;
    ShiftedClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    net::CurlTransport transport_;

    std::unique_ptr<SandboxHost> sandbox_;
    std::unique_ptr<store::Store> store_;
    CatalogShelf shelf_;

    stripe::CircuitBreaker breaker_;
    stripe::ThreadSleeper sleeper_;
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

    std::unique_ptr<TokenAccess> tokens_;
    std::unique_ptr<http::Context> context_;
    std::unique_ptr<http::Application> application_;
    std::unique_ptr<net::HttpServer> server_;
    std::vector<std::unique_ptr<WorkerLoop>> workers_;
    std::atomic<bool> is_serving_ = false;
    std::string dev_key_;
};

}  // namespace billhook::server
