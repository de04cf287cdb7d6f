#pragma once
// A subscription passes a boundary: items whose period is over get the next one, and a draft invoice bills the coming
// periods of licensed items, the usage of metered ones, and whatever waits.

#include <string>

#include "sandbox/billing/period.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Renews the items whose period ends by `at`. The draft's id; empty where nothing was due. Sends invoice.created, but
/// leaves the subscription's own event and the finalization to the caller.
std::string renew_items(Call& call, std::string const& subscription, Seconds at);

/// Bills what is left at the end of a subscription: usage up to now, and what waits. The draft's id, or empty.
std::string draft_final_invoice(Call& call, std::string const& subscription, std::string_view reason);

/// Plans the finalization of a cycle's draft, as far as the subscription's state lets it be collected.
void hand_over_cycle_invoice(Call& call, std::string const& subscription, std::string const& invoice);

}  // namespace billhook::sandbox
