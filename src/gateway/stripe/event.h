#pragma once
// Event, WebhookEndpoint and TestClock as Stripe describes them. An event is a hint that something changed: its object
// is a snapshot that may be late, and `created` is no order.

#include <string>
#include <vector>

#include "base/json.h"
#include "base/timestamp.h"
#include "gateway/stripe/metadata.h"

namespace billhook::stripe {

struct Event {
    std::string id;
    std::string type;         // "customer.subscription.updated"
    std::string api_version;  // the version that rendered `object`; one account can send several
    Timestamp created;        // whole seconds, many events share one
    bool is_live = false;
    bool is_thin = false;            // a v2 event: no object, only the id and type of the related one
    JsonObject object;               // data.object; of a thin event the related object's id and type
    JsonObject previous_attributes;  // of *.updated; else empty
    std::string request_id;          // empty where no request of ours caused it
    std::string idempotency_key;     // of that request

    bool operator==(Event const&) const = default;

    /// "subscription", "invoice", …: data.object.object.
    std::string object_kind() const;
    /// data.object.id; an upcoming invoice has none.
    std::string object_id() const;
};

struct WebhookEndpoint {
    std::string id;
    std::string url;
    std::string status;  // enabled, disabled
    std::string api_version;
    std::vector<std::string> enabled_events;
    std::string secret;  // only in the answer to its creation; never logged
    bool is_deleted = false;
    Metadata metadata;
    Timestamp created;
    bool operator==(WebhookEndpoint const&) const = default;
};

struct TestClock {
    std::string id;
    std::string name;
    std::string status;  // ready, advancing, internal_failure
    Timestamp frozen_time;
    bool is_deleted = false;
    bool operator==(TestClock const&) const = default;
};

/// Snapshot events and thin ones ("v2.core.event").
Result<Event> parse_event(Json tree);
Result<WebhookEndpoint> parse_webhook_endpoint(Json const& tree);
Result<TestClock> parse_test_clock(Json const& tree);

}  // namespace billhook::stripe
