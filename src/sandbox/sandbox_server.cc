#include "sandbox/sandbox_server.h"

#include "net/http_server.h"
#include "sandbox/sandbox.h"

namespace billhook::sandbox {
namespace {

constexpr Duration drain_time = Duration::seconds(2);

}  // namespace

SandboxServer::SandboxServer(Sandbox& sandbox, std::string const& listen) : sandbox_(sandbox) {
    // A handler takes the sandbox's one lock and may wait for it: the pool runs it, not an event loop.
    net::HttpServerOptions const options{.listen = listen, .loops = 1, .pool_threads = 4};
    server_ = std::make_unique<net::HttpServer>(options, [this](net::HttpRequest&& request, net::Responder respond) {
        // A full queue destroys the task, and the responder with it answers 500: Stripe's clients try again.
        server_->post([this, request = std::move(request), respond = std::move(respond)]() mutable {
            respond(sandbox_.handle(request));
        });
    });
}

SandboxServer::~SandboxServer() {
    stop();
}

Status SandboxServer::start() {
    TRY_VOID(server_->start());
    sandbox_.set_public_url("http://" + server_->address());
    sandbox_.start();
    return {};
}

std::string SandboxServer::address() const {
    return server_->address();
}

void SandboxServer::stop() {
    server_->stop(drain_time);
    sandbox_.stop();
}

}  // namespace billhook::sandbox
