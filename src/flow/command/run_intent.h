#pragma once
// The middle of every command: decide inside a transaction that writes the intent and its outbox message, call Stripe
// after the commit, hand the answer to the projector. What stands in the way is undone first, by a command of its own.

#include <functional>
#include <optional>

#include "domain/subscription/request.h"
#include "flow/command/context.h"

namespace billhook::flow {

/// Asks the rules, with all that one transaction sees; the stamp bears the one moment for which all of it is decided.
/// May run more than once.
using Decide = std::function<Result<subscription::Decision>(store::Reader&, subscription::Standing const&,
                                                            subscription::Stamp const&)>;

/// The intent that carries the wish, with what came of it; nullopt where it is so already. An error means that the wish
/// was refused, or, where it is payment_required or unavailable, that its intent may still be pending.
Result<std::optional<subscription::Intent>> run_intent(CommandContext const& context, Asker const& asker,
                                                       std::string const& line, Decide const& decide);

/// What the intent has come to, as an answer: itself where it is confirmed or its checkout is open, else an error that
/// says what to do.
Result<subscription::Intent> answer_of(subscription::Intent const& intent);

}  // namespace billhook::flow
