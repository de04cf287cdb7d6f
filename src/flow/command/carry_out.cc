#include "flow/command/carry_out.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/command/step.h"
#include "flow/projector/settle.h"
#include "gateway/stripe/calls.h"
#include "store/customer_store.h"
#include "store/intent_store.h"

namespace billhook::flow {

using subscription::Intent;
using subscription::IntentKind;
using subscription::IntentStatus;

namespace {

Status run_steps(CommandContext const& context, Intent const& intent) {
    switch (intent.kind) {
        case IntentKind::purchase:
            return open_checkout(context, intent);
        case IntentKind::start_trial:
            return create_trial(context, intent);
        case IntentKind::upgrade:
        case IntentKind::change_interval:
        case IntentKind::change_quantity:
            return update_plan(context, intent);
        case IntentKind::schedule_change:
            return schedule_plan(context, intent);
        case IntentKind::cancel_schedule:
            return release_plan(context, intent);
        case IntentKind::cancel:
            return cancel(context, intent);
        case IntentKind::resume:
            return resume(context, intent);
    }
    return {};
}

/// Stripe has said no, and would say so again.
bool is_final(Error const& error) {
    if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::rate_limited) return false;
    return error.reason != "idempotency_key_in_use";
}

/// What Stripe finds wrong with our request is no mistake of whoever asked us.
Error as_answer(Error error) {
    if (error.kind == ErrorKind::payment_required || error.kind == ErrorKind::conflict) return error;
    if (!is_final(error)) return error;
    return {ErrorKind::conflict, "stripe_refused", "Stripe refused the change: " + error.detail, "",
            std::move(error.extra)};
}

Status refuse(CommandContext const& context, Intent const& intent, std::string const& reason) {
    return context.store.write(store::Scope::customer(intent.customer), [&](store::Writer& writer) -> Status {
        auto current = TRY(store::find_intent(writer, intent.customer, intent.id));
        if (!current) return {};
        return end_intent(writer, *current, IntentStatus::refused, reason, context.projector.clock.now());
    });
}

}  // namespace

Result<Intent> reload(CommandContext const& context, Intent const& intent) {
    auto found = TRY(context.store.read_value(store::Scope::customer(intent.customer), [&](store::Reader& reader) {
        return store::find_intent(reader, intent.customer, intent.id);
    }));
    if (!found) return fail(not_found("There is no intent '" + intent.id.str() + "'.", "unknown_intent"));
    return *found;
}

Result<Intent> carry_out(CommandContext const& context, Intent const& intent) {
    // Nothing is left to call once the payer was sent to a page, or the intent has ended.
    bool is_waiting = intent.parameters.contains("session") || intent.parameters.contains("awaiting_payment");
    if (intent.status != IntentStatus::pending || is_waiting) return intent;
    auto done = run_steps(context, intent);
    if (!done) {
        if (is_final(done.error())) {
            crash_point("carry_out.refused");
            TRY_VOID(refuse(context, intent, done.error().reason));
            crash_point("carry_out.refusal_saved");
            log(LogLevel::info, "Stripe refused a change",
                {{"intent", intent.id.str()},
                 {"kind", subscription::to_string(intent.kind)},
                 {"reason", done.error().reason}});
        }
        return fail(as_answer(std::move(done).error()));
    }
    return reload(context, intent);
}

Result<Intent> resume_intent(CommandContext const& context, Intent const& intent) {
    if (intent.status != IntentStatus::pending) return intent;
    TRY_VOID(find_out(context, intent));
    crash_point("resume_intent.found_out");
    return carry_out(context, TRY(reload(context, intent)));
}

}  // namespace billhook::flow
