#pragma once
// Pausing a subscription and resuming it, with the invoice that a resumption may have to wait for.

#include <string>
#include <string_view>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Status paused, and customer.subscription.paused.
void pause_subscription(Call& call, std::string const& subscription, std::string_view cause);

/// The invoice that must be paid before the subscription is active again; empty where there is none.
std::string resumption_invoice_of(JsonObject const& subscription);
/// Status active, and customer.subscription.resumed.
void finish_resumption(Call& call, std::string const& subscription);
/// Nobody paid within 23 hours: the invoice is voided, the subscription stays paused.
void expire_resumption(Call& call, std::string const& subscription);
void drop_resumption(Call& call, std::string const& subscription);

/// POST …/pause and …/resume.
void add_pause_and_resume(World& world);

}  // namespace billhook::sandbox
