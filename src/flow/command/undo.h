#pragma once
// Clears the way for a request: ends the open checkout, drops the change that waits for its payment, or withdraws the
// scheduled change. Each is whole in itself; afterwards the request is judged anew.

#include "domain/subscription/pending_change_table.h"
#include "flow/command/context.h"

namespace billhook::flow {

/// `in_the_way` is the intent that the decision was about: one that somebody has put in its place is left alone.
/// Errors: conflict "line_already_held" where the checkout turns out to be completed, and Stripe's.
Status undo(CommandContext const& context, Asker const& asker, subscription::Intent const& in_the_way,
            std::string const& line, subscription::Undo what);

}  // namespace billhook::flow
