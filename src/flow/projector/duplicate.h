#pragma once
// Two live subscriptions of one line should never arise. If it looks as if they had, both are read at Stripe before
// anything is done: the news that one has ended may be late or lost. Of two that are live indeed the later is cancelled
// with a full refund and the operator is told; which is the later is Stripe's word, so that the order of news does not
// matter.

#include "domain/subscription/subscription.h"
#include "flow/projector/context.h"
#include "store/store.h"

namespace billhook::flow {

/// `observed` could not be stored because another one holds its line. Leaves the message in the outbox, once.
/// Errors: unavailable "line_just_taken" where this transaction cannot see that other one yet.
Status promise_end_of_duplicate(store::Writer& writer, ProjectorContext const& context,
                                subscription::Subscription const& observed);

}  // namespace billhook::flow
