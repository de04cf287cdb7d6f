#pragma once
// Carries an intent out: the calls to Stripe that its kind needs, each under an idempotency key made of the intent's id
// and the step, each answer handed to the projector. May be done again at any time, by anybody, also after a crash in
// its middle: Stripe answers a repeated step as it answered the first, and where that was a failure of its own, which
// it keeps for a day, a look tells whether the step has to be asked for anew.

#include "domain/subscription/intent.h"
#include "flow/command/context.h"

namespace billhook::flow {

/// The intent as it stands afterwards. Errors: what Stripe refuses for good ends the intent as refused and is returned
/// (payment_required, or conflict "stripe_refused"); `unavailable` leaves it pending.
Result<subscription::Intent> carry_out(CommandContext const& context, subscription::Intent const& intent);

/// After a crash, an outage or lost news: first finds out what has become of it at Stripe, then does what is left. One
/// that could not be done within a day ends as refused.
Result<subscription::Intent> resume_intent(CommandContext const& context, subscription::Intent const& intent);

/// Nothing is left to call once the payer was sent to a page, or the intent has ended.
bool is_driven(subscription::Intent const& intent);

Result<subscription::Intent> reload(CommandContext const& context, subscription::Intent const& intent);

}  // namespace billhook::flow
