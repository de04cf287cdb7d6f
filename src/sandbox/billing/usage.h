#pragma once
// Metered usage: what meter events say a customer has used in a period, and the line that bills it in arrears.

#include <string>
#include <vector>

#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/items.h"

namespace billhook::sandbox {

/// The usage that a metered item has gathered over a span.
std::int64_t usage_of(Call& call, std::string const& customer, BilledItem const& item, Span span);
/// The line for what of it was not billed yet; also over nothing.
/// For an invoice of a period's end this is kept up to date by count_late_usage.
NewLine usage_line(Call& call, std::string const& subscription, BilledItem const& item, Span span);
/// The draft of a period's end is about to be finalized: what was reported since of the time that it bills comes in.
void count_late_usage(Call& call, std::string const& invoice);

}  // namespace billhook::sandbox
