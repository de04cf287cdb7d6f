#include "sandbox/sandbox_transport.h"

namespace billhook::sandbox {

Result<net::HttpResponse> SandboxTransport::send(net::HttpRequest const& request, Duration) {
    auto local = request;
    if (auto const scheme = local.target.find("://"); scheme != std::string::npos) {
        auto const slash = local.target.find('/', scheme + 3);
        local.target = slash == std::string::npos ? "/" : local.target.substr(slash);
    }
    auto response = sandbox_.handle(local);
    if (response.status == 0) return fail(unavailable("connection_lost", "the sandbox closed the connection"));
    return response;
}

}  // namespace billhook::sandbox
