#pragma once
// Writes down what Stripe said about a customer: which Stripe customer it is, whether it can pay, its currency. Name
// and e-mail belong to the application and stay; where Stripe has others, it is told.

#include "flow/projector/context.h"
#include "flow/projector/look.h"
#include "store/outbox_store.h"
#include "store/store.h"

namespace billhook::flow {

/// Writes nothing where it is nobody of ours. When the two meet first, Stripe may not know our name and e-mail: the
/// message that will tell it, which the caller may deliver at once.
Result<std::optional<store::OutboxMessage>> project_customer(store::Writer& writer, ProjectorContext const& context,
                                                             stripe::Customer const& from, Origin const& origin);

/// Stripe will be told the record's name and e-mail: within moments by whoever promised it, else by the outbox.
Result<store::OutboxMessage> promise_update(store::Writer& writer, ProjectorContext const& context,
                                            customer::Customer const& record);

}  // namespace billhook::flow
