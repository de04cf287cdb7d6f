#pragma once
// How a subscription's status follows its invoices. Source: Stripe, "How subscriptions work", subscription statuses.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

void invoice_was_paid(Call& call, std::string const& invoice);
void invoice_payment_failed(Call& call, std::string const& invoice);
/// Voided, or given up as uncollectible.
void invoice_was_closed(Call& call, std::string const& invoice);
/// No retry is left.
void invoice_retries_exhausted(Call& call, std::string const& invoice);

/// Whether a status ends the subscription.
bool is_terminal(std::string const& status);

}  // namespace billhook::sandbox
