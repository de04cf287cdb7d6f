#include "server/sandbox_host.h"

namespace billhook::server {

Result<std::unique_ptr<SandboxHost>> SandboxHost::start(SandboxHostOptions const& options, ShiftedClock& clock,
                                                        std::function<void()> on_moved) {
    std::unique_ptr<SandboxHost> host(new SandboxHost);
    host->sandbox_ = TRY(sandbox::Sandbox::open({.seed = options.seed,
                                                 .clock = &clock,
                                                 .move_clock =
                                                     [&clock, on_moved = std::move(on_moved)](Timestamp target) {
                                                         clock.advance_to(target);
                                                         if (on_moved) on_moved();
                                                     },
                                                 .data_file = options.data_file,
                                                 .webhook_transport = &host->webhooks_}));
    host->server_ = std::make_unique<sandbox::SandboxServer>(*host->sandbox_, options.listen);
    TRY_VOID(host->server_->start());
    return host;
}

}  // namespace billhook::server
