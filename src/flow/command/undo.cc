#include "flow/command/undo.h"

#include "base/crash_point.h"
#include "flow/command/change_plan.h"
#include "flow/command/step.h"
#include "gateway/stripe/calls.h"

namespace billhook::flow {

using subscription::Intent;

namespace {

/// Stripe expires only what is open: one that is not tells how it ended when it is read.
Result<stripe::CheckoutSession> expire(CommandContext const& context, std::string const& session_id) {
    auto& stripe = context.projector.stripe;
    auto expired = stripe::ask_anew(stripe::IdempotencyKey::of("expire:" + session_id, "expire"), [&](auto const& key) {
        return stripe::expire_checkout_session(stripe, session_id, key);
    });
    if (!expired && expired.error().kind == ErrorKind::invalid)
        return stripe::retrieve_checkout_session(stripe, session_id);
    return expired;
}

Status close_checkout(CommandContext const& context, Intent const& open) {
    crash_point("undo.checkout_begun");
    auto session = TRY(expire(context, string_or(open.parameters, "session")));
    crash_point("undo.checkout_expired");
    // One that was completed meanwhile brings its subscription: the line is held then.
    TRY_VOID(project_session(context, open, session, "replaced"));
    crash_point("undo.checkout_projected");
    if (session.status != "complete") return {};
    crash_point("undo.purchase_projected");
    return fail(conflict("line_already_held", "The checkout that was open has been completed; the line is held now."));
}

Status drop_unpaid_change(CommandContext const& context, Asker const& asker, Intent const& unpaid) {
    // Said before the call: whoever sees the invoice voided then knows that it was wished.
    TRY(remember(context, unpaid, "withdrawn", Json(asker.cause)));
    crash_point("undo.withdrawal_kept");
    auto const invoice = string_or(unpaid.parameters, "awaiting_payment");
    auto voided = stripe::ask_anew(key_of(unpaid, "void"), [&](auto const& key) {
        return stripe::void_invoice(context.projector.stripe, invoice, key);
    });
    crash_point("undo.invoice_voided");
    // Paid or voided meanwhile: the look tells which.
    if (!voided && voided.error().kind != ErrorKind::invalid) return fail(std::move(voided).error());
    return project_look(context, unpaid);
}

}  // namespace

Status undo(CommandContext const& context, Asker const& asker, Intent const& in_the_way, std::string const& line,
            subscription::Undo what) {
    switch (what) {
        case subscription::Undo::checkout:
            return close_checkout(context, in_the_way);
        case subscription::Undo::unpaid_change:
            return drop_unpaid_change(context, asker, in_the_way);
        case subscription::Undo::scheduled_change: {
            auto withdrawn = withdraw_change(context, asker, line);
            return withdrawn ? Status{} : Status(fail(std::move(withdrawn).error()));
        }
    }
    return {};
}

}  // namespace billhook::flow
