#include "server/sandbox_host.h"

namespace billhook::server {

Result<std::unique_ptr<SandboxHost>> SandboxHost::start(SandboxHostOptions const& options, ShiftedClock& clock) {
    std::unique_ptr<SandboxHost> host(new SandboxHost);
    auto* const self = host.get();
    // A handler takes the sandbox's one lock and may wait for it: the pool runs it, not an event loop.
    host->server_ = std::make_unique<net::HttpServer>(
        net::HttpServerOptions{.listen = options.listen, .loops = 1, .pool_threads = 4},
        [self](net::HttpRequest&& request, net::Responder respond) {
            self->server_->post([self, request = std::move(request), respond = std::move(respond)]() mutable {
                auto* const ready = self->ready_.load();
                respond(ready ? ready->handle(request) : net::HttpResponse{.status = 503});
            });
        });
    // The pages' addresses carry the port, which is known only once it is bound; requests wait for the sandbox below.
    TRY_VOID(host->server_->start());
    sandbox::SandboxOptions parts{.seed = options.seed,
                                  .clock = &clock,
                                  .move_clock = [&clock](Timestamp target) { clock.advance_to(target); },
                                  .data_file = options.data_file,
                                  .webhook_transport = &host->webhooks_};
    parts.settings.public_url = host->url();
    host->sandbox_ = TRY(sandbox::Sandbox::open(std::move(parts)));
    host->sandbox_->start();
    host->ready_ = host->sandbox_.get();
    return host;
}

SandboxHost::~SandboxHost() {
    stop();
}

void SandboxHost::stop() {
    if (server_) server_->stop(Duration::seconds(5));
    if (sandbox_) sandbox_->stop();
}

}  // namespace billhook::server
