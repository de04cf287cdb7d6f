#pragma once
// Writes down what Stripe said about an invoice. Amounts are Stripe's; nothing is computed here.

#include "flow/projector/context.h"
#include "flow/projector/look.h"
#include "store/store.h"

namespace billhook::flow {

/// False where it is nobody's of ours, or something newer is known; nothing was written then.
Result<bool> project_invoice(store::Writer& writer, stripe::Invoice const& from, LookTime const& time,
                             Origin const& origin);

}  // namespace billhook::flow
