#pragma once
// Carrying out a change of a subscription: billed, paid as payment_behavior says, written down, announced.

#include <string>

#include "sandbox/billing/subscription_change.h"
#include "sandbox/payment/payment.h"

namespace billhook::sandbox {

enum class PaymentBehavior { allow_incomplete, default_incomplete, error_if_incomplete, pending_if_incomplete };

struct PaymentTerms {
    PaymentBehavior behavior = PaymentBehavior::allow_incomplete;
    Presence presence = Presence::on_session;
};

PaymentTerms read_payment_terms(JsonObject const& params);

/// Sends customer.subscription.updated. An error means that nothing is to be kept.
Answer<void> carry_out(Call& call, std::string const& subscription, SubscriptionChange const& change,
                       PaymentTerms const& payment, JsonObject const& metadata = {});

/// Finalizes an update's draft and charges it.
Answer<void> collect_update(Call& call, std::string const& subscription, std::string const& invoice,
                            PaymentTerms const& payment);

/// What answers a payment that had to succeed: the card's 402, or that there is no payment method.
ApiError refusal_of(PaymentOutcome const& outcome);
ApiError no_payment_method();

}  // namespace billhook::sandbox
