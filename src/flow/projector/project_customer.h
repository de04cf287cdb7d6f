#pragma once
// Writes down what Stripe said about a customer: which Stripe customer it is, whether it can pay, its currency. Name
// and e-mail belong to the application and stay.

#include "flow/projector/context.h"
#include "flow/projector/look.h"
#include "store/store.h"

namespace billhook::flow {

/// False where it is nobody of ours; nothing was written then.
Result<bool> project_customer(store::Writer& writer, ProjectorContext const& context, stripe::Customer const& from,
                              Origin const& origin);

}  // namespace billhook::flow
