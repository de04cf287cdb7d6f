#pragma once
// Invoice: what Stripe billed, as Stripe last said it. Written by the projector alone; amounts are never computed here.

#include <optional>
#include <string>
#include <string_view>

#include "base/period.h"
#include "domain/subscription/subscription.h"

namespace billhook::invoice {

/// Stripe's five states.
enum class Status { draft, open, paid, uncollectible, voided };
char const* to_string(Status status);  // `voided` is "void" on the wire
std::optional<Status> parse_status(std::string_view word);

struct Invoice {
    CustomerId customer;
    std::string stripe_invoice_id;  // in_…, what names it here too
    SubscriptionId subscription;    // empty where it bills none
    std::string number;             // empty while a draft
    Status status = Status::draft;
    std::string billing_reason;   // Stripe's word, e.g. "subscription_cycle"
    std::string currency;         // lower case
    std::int64_t amount_due = 0;  // minor units
    std::int64_t amount_paid = 0;
    std::int64_t amount_remaining = 0;
    std::int64_t subtotal = 0;
    std::int64_t tax = 0;
    std::int64_t total = 0;
    Period period;
    std::string hosted_invoice_url;
    std::string invoice_pdf;
    int attempt_count = 0;
    std::optional<Timestamp> next_payment_attempt_at;
    std::optional<Timestamp> due_at;
    std::optional<Timestamp> finalized_at;
    std::optional<Timestamp> paid_at;
    Timestamp created_at;
    Timestamp observed_at;  // when the read of Stripe that this stems from began; never goes back
    auto operator<=>(Invoice const&) const = default;
};

}  // namespace billhook::invoice
