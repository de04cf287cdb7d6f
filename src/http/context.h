#pragma once
// Context: what the handlers may reach, wired once by server/. Everything here is thread-safe.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace billhook::store {
class Store;
}
namespace billhook::flow {
class WebhookReceiver;
struct CommandContext;
class KeyTable;
class SnapshotKeeper;
}  // namespace billhook::flow

namespace billhook::http {

class TokenAuthenticator;

struct Context {
    Clock const& clock;
    RandomSource& random;
    store::Store& store;
    flow::CommandContext const& commands;
    flow::KeyTable& keys;
    flow::SnapshotKeeper& snapshots;
    flow::WebhookReceiver& webhooks;
    TokenAuthenticator const* tokens = nullptr;  // null where no issuer is configured
    std::vector<std::string> allowed_origins;    // of return addresses
    std::string public_url;                      // of this server, without a trailing slash
    Duration stale_after = Duration::minutes(5);
    bool is_sandbox = false;
    std::function<void()> wake_inbox;
    std::function<bool()> is_ready;
    std::function<std::string()> metrics_text;
};

}  // namespace billhook::http
