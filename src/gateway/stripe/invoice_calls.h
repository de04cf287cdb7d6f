#pragma once
// Calls about invoices and the payments behind them.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/stripe/client.h"
#include "gateway/stripe/invoice.h"
#include "gateway/stripe/subscription_calls.h"

namespace billhook::stripe {

/// What the next invoice would be if this change were made. Changes nothing.
struct PreviewWish {
    std::string customer_id;
    std::string subscription_id;  // empty: of a new subscription
    std::string schedule_id;      // instead of a subscription
    std::string currency;         // of a new subscription
    std::vector<ItemWish> items;
    std::optional<ProrationBehavior> proration_behavior;
    std::optional<Timestamp> proration_date;
    std::optional<bool> cancel_at_period_end;
    bool cancels_now = false;
    std::optional<Timestamp> trial_end;
    bool is_recurring = false;  // preview_mode=recurring: what every later period costs
};

struct InvoiceQuery {
    std::string customer_id;
    std::string subscription_id;
    std::string status;
    std::optional<Timestamp> created_since;
};

/// With all of its lines.
Result<InvoicePreview> create_preview(Client const& client, PreviewWish const& wish);
/// With all of its lines, its payments and their payment intents.
Result<Invoice> retrieve_invoice(Client const& client, std::string const& id);
Status for_each_invoice(Client const& client, InvoiceQuery const& query,
                        std::function<Result<Client::Walk>(Invoice const&)> const& visit);
/// Tries to collect an open invoice now; `payment_method_id` may be empty.
Result<Invoice> pay_invoice(Client const& client, std::string const& id, std::string const& payment_method_id,
                            IdempotencyKey const& key);
Result<Invoice> void_invoice(Client const& client, std::string const& id, IdempotencyKey const& key);

Result<PaymentIntent> retrieve_payment_intent(Client const& client, std::string const& id);
Result<Charge> retrieve_charge(Client const& client, std::string const& id);

struct NewRefund {
    std::string payment_intent_id;  // exactly one of the two
    std::string charge_id;
    std::optional<std::int64_t> amount;  // absent: all that is left
    std::string reason;                  // duplicate, fraudulent, requested_by_customer
    Metadata metadata;
};
Result<Refund> create_refund(Client const& client, NewRefund const& wish, IdempotencyKey const& key);
/// Of a payment intent, or of a charge where that is empty.
Status for_each_refund(Client const& client, std::string const& payment_intent_id, std::string const& charge_id,
                       std::function<Result<Client::Walk>(Refund const&)> const& visit);

}  // namespace billhook::stripe
