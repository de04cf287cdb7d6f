#pragma once
// New subscriptions: from the parameters of POST /v1/subscriptions, or from the first phase of a schedule.

#include <string>

#include "sandbox/billing/offer.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Creates the subscription, its first invoice and what payment_behavior makes of it. The id. An error means that
/// nothing is to be kept.
Answer<std::string> create_subscription(Call& call, JsonObject const& params, Offer offer = Offer::on_sale_now);

/// The settings that creation and update share: payment, invoices, trial behaviour, descriptions, metadata.
Answer<void> copy_subscription_settings(Call& call, JsonObject& subscription, JsonObject const& params);
/// cancel_at and cancel_at_period_end.
Answer<void> set_cancellation(Call& call, JsonObject& subscription, JsonObject const& params);

}  // namespace billhook::sandbox
