#pragma once
// Calls about webhook endpoints, events, and the test clocks of test mode.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/stripe/client.h"
#include "gateway/stripe/event.h"

namespace billhook::stripe {

struct NewWebhookEndpoint {
    std::string url;
    std::vector<std::string> enabled_events;
    std::string description;
    Metadata metadata;
};

/// Fixed to our API version. The answer alone carries the secret.
Result<WebhookEndpoint> create_webhook_endpoint(Client const& client, NewWebhookEndpoint const& wish,
                                                IdempotencyKey const& key);
/// Also enables it, should it be disabled. Sets a whole state, so that a repeated one does no harm.
Result<WebhookEndpoint> update_webhook_endpoint(Client const& client, std::string const& id, std::string const& url,
                                                std::vector<std::string> const& enabled_events);
/// One that is gone already is no error.
Status delete_webhook_endpoint(Client const& client, std::string const& id);
Result<std::vector<WebhookEndpoint>> list_webhook_endpoints(Client const& client);

struct EventQuery {
    std::vector<std::string> types;  // at most 20; empty: all
    std::optional<Timestamp> created_since;
};
/// Stripe keeps events for 30 days.
Result<Event> retrieve_event(Client const& client, std::string const& id);
Status for_each_event(Client const& client, EventQuery const& query,
                      std::function<Result<Client::Walk>(Event const&)> const& visit);

Result<TestClock> create_test_clock(Client const& client, Timestamp frozen_time, std::string const& name,
                                    IdempotencyKey const& key);
Result<TestClock> retrieve_test_clock(Client const& client, std::string const& id);
/// Answers at once with status `advancing`; read it until it is `ready`.
Result<TestClock> advance_test_clock(Client const& client, std::string const& id, Timestamp frozen_time,
                                     IdempotencyKey const& key);
Status delete_test_clock(Client const& client, std::string const& id);

}  // namespace billhook::stripe
