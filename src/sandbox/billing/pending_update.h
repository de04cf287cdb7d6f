#pragma once
// Updates that wait for their payment (payment_behavior=pending_if_incomplete): the subscription keeps its terms until
// the invoice is paid, and for 23 hours at most. Source: Stripe, "Pending updates".

#include <string>

#include "sandbox/billing/subscription_change.h"

namespace billhook::sandbox {

/// How long a change of a subscription waits for its payment; a resumption does too.
inline constexpr Seconds seconds_to_pay = 23 * 3600;

/// Remembers the update behind its open invoice and shows it as pending_update.
void keep_pending_update(Call& call, PlannedUpdate const& update, std::string const& invoice);
/// Its invoice was paid.
void apply_pending_update(Call& call, std::string const& subscription);
/// Its time is over, or Stripe itself goes on without it: the invoice is voided. Nothing where none waits.
void expire_pending_update(Call& call, std::string const& subscription);
/// Something else took its place: the invoice is voided, nothing is announced.
void drop_pending_update(Call& call, std::string const& subscription);
/// The invoice of the pending update; empty where there is none.
std::string pending_invoice_of(JsonObject const& subscription);

/// What a request with pending_if_incomplete may carry.
Answer<void> check_pending_parameters(JsonObject const& params);

}  // namespace billhook::sandbox
