#pragma once
// Two live subscriptions of one line should never arise. If they do all the same, the later is cancelled with a full
// refund and the operator is told; which is the later is Stripe's word, so that the order of news does not matter.

#include <vector>

#include "domain/subscription/subscription.h"
#include "flow/projector/context.h"
#include "store/store.h"

namespace billhook::flow {

/// `observed` could not be stored because one of `records` holds its line. Leaves the two messages in the outbox, once.
Status promise_end_of_duplicate(store::Writer& writer, ProjectorContext const& context,
                                subscription::Subscription const& observed,
                                std::vector<subscription::Subscription> const& records);

}  // namespace billhook::flow
