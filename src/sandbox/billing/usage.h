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
NewLine usage_line(Call& call, std::string const& subscription, BilledItem const& item, Span span);

}  // namespace billhook::sandbox
