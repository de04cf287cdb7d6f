#pragma once
// PaymentIntent, Charge, Refund and Dispute as Stripe describes them.

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/timestamp.h"
#include "gateway/stripe/metadata.h"

namespace billhook::stripe {

struct PaymentIntent {
    std::string id;
    std::string status;  // requires_payment_method, requires_action, processing, succeeded, canceled, …
    std::int64_t amount = 0;
    std::string currency;
    std::string customer_id;
    std::string invoice_id;     // before 2025-03-31.basil only
    std::string client_secret;  // opens the payment to its holder: never stored, never logged
    std::string latest_charge_id;
    std::string payment_method_id;
    std::string next_action_url;  // where the payer authenticates; empty where nothing is to be done there
    std::string error_code;       // of the last failed attempt
    std::string decline_code;
    std::string error_message;  // Stripe's sentence for the payer
    Metadata metadata;
    Timestamp created;
    bool needs_action() const { return status == "requires_action" || status == "requires_source_action"; }
    bool operator==(PaymentIntent const&) const = default;
};

struct Charge {
    std::string id;
    std::string status;  // succeeded, pending, failed
    std::int64_t amount = 0;
    std::int64_t amount_refunded = 0;
    std::string currency;
    std::string customer_id;
    std::string payment_intent_id;
    std::string invoice_id;  // before 2025-03-31.basil only
    bool is_refunded = false;
    bool is_disputed = false;
    std::string failure_code;
    Timestamp created;
    bool operator==(Charge const&) const = default;
};

struct Refund {
    std::string id;
    std::string status;  // pending, succeeded, failed, requires_action, canceled
    std::int64_t amount = 0;
    std::string currency;
    std::string charge_id;
    std::string payment_intent_id;
    std::string reason;
    std::string failure_reason;
    Metadata metadata;
    Timestamp created;
    bool operator==(Refund const&) const = default;
};

struct Dispute {
    std::string id;
    std::string status;  // needs_response, under_review, won, lost, …
    std::int64_t amount = 0;
    std::string currency;
    std::string charge_id;
    std::string payment_intent_id;
    std::string reason;
    Timestamp created;
    bool operator==(Dispute const&) const = default;
};

Result<PaymentIntent> parse_payment_intent(Json const& tree);
Result<Charge> parse_charge(Json const& tree);
Result<Refund> parse_refund(Json const& tree);
Result<Dispute> parse_dispute(Json const& tree);

}  // namespace billhook::stripe
