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

namespace billhook::net {
class TrustedProxies;
}

namespace billhook::http {

class AddressLimit;
class TokenAuthenticator;

struct Context {
    Clock const& clock;
    RandomSource& random;
    store::Store& store;
    flow::CommandContext const& commands;
    flow::KeyTable& keys;
    flow::SnapshotKeeper& snapshots;
    flow::WebhookReceiver& webhooks;
    net::TrustedProxies const& proxies;
    AddressLimit& key_failures;
    AddressLimit& anonymous_requests;
    TokenAuthenticator const* tokens = nullptr;  // null where no issuer is configured
    std::vector<std::string> allowed_origins;    // of return addresses
    Duration stale_after = Duration::minutes(5);
    Duration idempotency_retention = Duration::hours(24);
    std::string sandbox_url;          // of the sandbox beside it; empty: there is none
    bool is_https_expected = false;   // plain HTTP off loopback, for the named proxies alone
    bool customers_by_token = false;  // a customer's first valid token enters it
    std::function<void()> wake_inbox;
    std::function<bool()> is_ready;
    std::function<std::string()> metrics_text;
};

}  // namespace billhook::http
