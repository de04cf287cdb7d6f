#include "cli/connection.h"

#include "net/http_client.h"
#include "store/open_store.h"

namespace billhook::cli {

struct StripeConnection::Parts {
    net::CurlTransport transport;
    SystemClock clock;
    SystemRandom random;
    stripe::ThreadSleeper sleeper;
    stripe::CircuitBreaker breaker;
    stripe::SilentMetrics metrics;
    std::unique_ptr<stripe::Client> client;
};

Result<std::unique_ptr<store::Store>> open_database(Configuration const& configuration) {
    return store::open_store(configuration.database_address(), {.readers = 1, .writers = 1});
}

StripeConnection::StripeConnection() : parts_(std::make_unique<Parts>()) {}
StripeConnection::~StripeConnection() = default;

Result<std::unique_ptr<StripeConnection>> StripeConnection::open(Configuration const& configuration) {
    bool const has_sandbox = configuration.has_embedded_sandbox();
    if (configuration.stripe_api_key.empty() && !has_sandbox)
        return fail(invalid("stripe_api_key",
                            "no Stripe key: set STRIPE_SECRET_KEY (or stripe_api_key), or add --dev to speak to the "
                            "sandbox of a running `billhook serve --dev`",
                            "stripe_key_missing"));
    stripe::ClientOptions options{.api_base = configuration.stripe_api_base, .api_key = configuration.stripe_api_key};
    if (has_sandbox) options.api_base = "http://" + configuration.sandbox_listen;
    if (has_sandbox) options.api_key = sandbox_api_key;
    std::unique_ptr<StripeConnection> connection(new StripeConnection);
    auto& parts = *connection->parts_;
    parts.client = std::make_unique<stripe::Client>(
        std::move(options),
        stripe::ClientParts{parts.transport, parts.clock, parts.random, parts.sleeper, parts.breaker, parts.metrics});
    return connection;
}

stripe::Client const& StripeConnection::client() const {
    return *parts_->client;
}

std::string webhook_url(Configuration const& configuration) {
    auto base = configuration.public_url;
    if (base.empty()) base = (configuration.tls_certificate.empty() ? "http://" : "https://") + configuration.listen;
    while (base.ends_with('/')) base.pop_back();
    return base + "/api/v1/webhooks/stripe";
}

}  // namespace billhook::cli
