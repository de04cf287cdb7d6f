#pragma once
// The steps that carry an intent out, one function for each kind. Every request is built from the intent's parameters
// alone, so that a repetition sends the same body under the same key.

#include <string>

#include "domain/subscription/intent.h"
#include "flow/command/context.h"
#include "flow/projector/look.h"
#include "gateway/stripe/ask_anew.h"

namespace billhook::flow {

Status open_checkout(CommandContext const& context, subscription::Intent const& intent);
Status create_trial(CommandContext const& context, subscription::Intent const& intent);
Status update_plan(CommandContext const& context, subscription::Intent const& intent);
Status schedule_plan(CommandContext const& context, subscription::Intent const& intent);
/// Releases what a schedule_plan that got no further may have left attached.
Status leave_no_schedule(CommandContext const& context, subscription::Intent const& intent);
/// Detaches the schedule that the intent names.
Status release_schedule(CommandContext const& context, subscription::Intent const& intent);
Status release_plan(CommandContext const& context, subscription::Intent const& intent);
Status cancel(CommandContext const& context, subscription::Intent const& intent);
Status resume(CommandContext const& context, subscription::Intent const& intent);

/// Looks for what an earlier, interrupted run of the intent has already made at Stripe, and projects it.
Status find_out(CommandContext const& context, subscription::Intent const& intent);

/// Whether that has found all that was wished, so that nothing is left to call.
Result<bool> is_found_done(CommandContext const& context, subscription::Intent const& intent);

stripe::IdempotencyKey key_of(subscription::Intent const& intent, std::string_view step);
/// Asks for a step of the intent that must not be done twice. Nothing where an earlier request for it failed and a look
/// shows it done; then that is projected already.
template <class Ask>
auto ask_once(CommandContext const& context, subscription::Intent const& intent, std::string_view step,
              Ask const& ask) {
    return stripe::ask_anew(key_of(intent, step), ask, [&] { return is_found_done(context, intent); });
}
/// Our ids, as Stripe's metadata bears them.
stripe::Metadata metadata_of(subscription::Intent const& intent);

/// Keeps a fact of the intent's progress, so that a repetition goes on from there; what is kept already stays. The
/// intent as it stands afterwards; one that has ended meanwhile stays as it is.
Result<subscription::Intent> remember(CommandContext const& context, subscription::Intent const& intent,
                                      std::string_view name, Json value);

/// Hands the answer of a write to the projector; looks again where it crossed another look.
Status project_answer(CommandContext const& context, subscription::Intent const& intent,
                      stripe::Subscription const& answer, LookTime const& time);
/// Reads the intent's subscription anew and projects it.
Status project_look(CommandContext const& context, subscription::Intent const& intent);
/// Projects how the intent's Checkout Session stands, and the subscription that came of it. `reason` is what an expired
/// one ends the intent with.
Status project_session(CommandContext const& context, subscription::Intent const& intent,
                       stripe::CheckoutSession const& session, std::string const& reason = "checkout_expired");

}  // namespace billhook::flow
