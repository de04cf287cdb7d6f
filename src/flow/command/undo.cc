#include "flow/command/undo.h"

#include "base/crash_point.h"
#include "flow/command/change_plan.h"
#include "flow/command/step.h"
#include "flow/projector/project_checkout_session.h"
#include "flow/projector/project_subscription.h"
#include "gateway/stripe/calls.h"
#include "store/intent_store.h"

namespace billhook::flow {

using subscription::Intent;

namespace {

Result<std::optional<Intent>> pending_of(CommandContext const& context, Asker const& asker, std::string const& line) {
    return context.store.read_value(store::Scope::customer(asker.customer), [&](store::Reader& reader) {
        return store::find_pending_intent(reader, asker.customer, line);
    });
}

/// Stripe expires only what is open: one that is not tells how it ended when it is read.
Result<stripe::CheckoutSession> expire(CommandContext const& context, std::string const& session_id) {
    auto& stripe = context.projector.stripe;
    auto expired = stripe::expire_checkout_session(stripe, session_id,
                                                   stripe::IdempotencyKey::of("expire:" + session_id, "expire"));
    if (!expired && expired.error().kind == ErrorKind::invalid)
        return stripe::retrieve_checkout_session(stripe, session_id);
    return expired;
}

Status close_checkout(CommandContext const& context, Asker const& asker, std::string const& line) {
    auto pending = TRY(pending_of(context, asker, line));
    if (!pending || !pending->parameters.contains("session")) return {};
    crash_point("undo.checkout_begun");
    auto session = TRY(expire(context, string_or(Json(pending->parameters), "session")));
    crash_point("undo.checkout_expired");
    TRY_VOID(context.store.write(store::Scope::customer(asker.customer), [&](store::Writer& writer) -> Status {
        TRY(project_checkout_session(writer, context.projector, session, {asker.cause, asker.customer}, "replaced"));
        return {};
    }));
    crash_point("undo.checkout_projected");
    if (session.status != "complete") return {};
    // Bought meanwhile: the subscription is written down at once, and the line is held.
    if (!session.subscription_id.empty()) {
        auto look =
            TRY(look_at_subscription(context.projector.stripe, context.projector.clock, session.subscription_id));
        crash_point("undo.purchase_read");
        TRY_VOID(context.store.write(store::Scope::customer(asker.customer), [&](store::Writer& writer) -> Status {
            TRY(project_subscription(writer, context.projector, look, {"read", asker.customer}));
            return {};
        }));
        crash_point("undo.purchase_projected");
    }
    return fail(conflict("line_already_held", "The checkout that was open has been completed; the line is held now."));
}

Status drop_unpaid_change(CommandContext const& context, Asker const& asker, std::string const& line) {
    auto pending = TRY(pending_of(context, asker, line));
    if (!pending || !pending->parameters.contains("awaiting_payment")) return {};
    // Said before the call: whoever sees the invoice voided then knows that it was wished.
    pending->parameters["withdrawn"] = asker.cause;
    TRY_VOID(context.store.write(store::Scope::customer(asker.customer),
                                 [&](store::Writer& writer) { return store::update_intent(writer, *pending); }));
    crash_point("undo.withdrawal_kept");
    auto const invoice = string_or(Json(pending->parameters), "awaiting_payment");
    auto voided = stripe::void_invoice(context.projector.stripe, invoice, key_of(*pending, "void"));
    crash_point("undo.invoice_voided");
    // Paid or voided meanwhile: the look tells which.
    if (!voided && voided.error().kind != ErrorKind::invalid) return fail(std::move(voided).error());
    return project_look(context, *pending);
}

}  // namespace

Status undo(CommandContext const& context, Asker const& asker, std::string const& line, subscription::Undo what) {
    switch (what) {
        case subscription::Undo::checkout:
            return close_checkout(context, asker, line);
        case subscription::Undo::unpaid_change:
            return drop_unpaid_change(context, asker, line);
        case subscription::Undo::scheduled_change: {
            auto withdrawn = withdraw_change(context, asker, line);
            return withdrawn ? Status{} : Status(fail(std::move(withdrawn).error()));
        }
    }
    return {};
}

}  // namespace billhook::flow
