#pragma once
// Payment intents made elsewhere that pay an invoice, whole or in part. Source: Stripe, "Partial payments".

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// The intent of an attached payment succeeded: its amount is credited to the invoice, which is paid when none is left.
void credit_attached_payment(Call& call, std::string const& payment);
void add_attached_payments(World& world);

}  // namespace billhook::sandbox
