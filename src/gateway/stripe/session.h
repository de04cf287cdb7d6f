#pragma once
// Checkout and portal sessions and the portal's configuration, as Stripe describes them.

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/timestamp.h"
#include "gateway/stripe/metadata.h"

namespace billhook::stripe {

struct CheckoutSession {
    std::string id;
    std::string mode;            // payment, setup, subscription
    std::string status;          // open, complete, expired
    std::string payment_status;  // paid, unpaid, no_payment_required
    std::string customer_id;
    std::string subscription_id;  // empty until completion
    std::string setup_intent_id;
    std::string invoice_id;
    std::string client_reference_id;
    std::string currency;
    std::optional<std::int64_t> amount_total;
    std::string url;  // only while open
    Timestamp expires_at;
    Metadata metadata;
    Timestamp created;
    bool operator==(CheckoutSession const&) const = default;
};

struct PortalSession {
    std::string id;
    std::string customer_id;
    std::string configuration_id;
    std::string url;  // opens the customer's portal to its holder: never stored, never logged
    std::string return_url;
    Timestamp created;
    bool operator==(PortalSession const&) const = default;
};

struct PortalConfiguration {
    std::string id;
    bool is_active = false;
    bool is_default = false;
    JsonObject features;  // as Stripe has them
    Metadata metadata;
    Timestamp created;
    bool operator==(PortalConfiguration const&) const = default;
};

Result<CheckoutSession> parse_checkout_session(Json const& tree);
Result<PortalSession> parse_portal_session(Json const& tree);
Result<PortalConfiguration> parse_portal_configuration(Json const& tree);

}  // namespace billhook::stripe
