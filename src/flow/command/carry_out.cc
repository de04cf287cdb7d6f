#include "flow/command/carry_out.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/command/customer_command.h"
#include "flow/command/step.h"
#include "flow/operator_notice.h"
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

// Stripe forgets idempotency keys after a day: what could not be done by then must be asked for anew.
constexpr Duration intent_lifetime = Duration::hours(23);
constexpr int turns_max = 3;  // at a call that another is making; each waits as long as the client's retries take

bool is_too_old(CommandContext const& context, Intent const& intent) {
    return context.projector.clock.now() - intent.created_at > intent_lifetime;
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

Result<Intent> give_up(CommandContext const& context, Intent const& intent, std::string const& reason) {
    log(LogLevel::error, "a change is given up",
        {{"intent", intent.id.str()}, {"customer", intent.customer.str()}, {"reason", reason}});
    crash_point("give_up.begun");
    TRY_VOID(context.store.write(store::Scope::customer(intent.customer), [&](store::Writer& writer) -> Status {
        auto current = TRY(store::find_intent(writer, intent.customer, intent.id));
        if (!current || current->status != IntentStatus::pending) return {};
        auto const now = context.projector.clock.now();
        TRY_VOID(end_intent(writer, *current, IntentStatus::refused, reason, now));
        // Some of it may have been done: a cancellation whose refund was not, say.
        return tell_operator(writer, {.id = "note_given_up_" + intent.id.str(),
                                      .kind = std::string(notice_kind::given_up_change),
                                      .customer = intent.customer,
                                      .subject = intent.id.str(),
                                      .text = "The " + std::string(subscription::to_string(intent.kind)) +
                                              " of the line '" + intent.line + "' was given up: " + reason +
                                              ". Look at Stripe whether a part of it was done.",
                                      .created_at = now});
    }));
    crash_point("give_up.saved");
    return reload(context, intent);
}

/// Stripe said no for good. Somebody else who carries the same intent out may have been faster, and some steps cannot
/// be done twice: only where Stripe's state shows nothing of the wish has it been refused.
Result<Intent> settle_refusal(CommandContext const& context, Intent const& intent, Error error) {
    crash_point("carry_out.refused");
    auto const found = find_out(context, intent);
    auto present = TRY(reload(context, intent));
    if (is_driven(present)) {
        if (present.status == IntentStatus::refused) return fail(as_answer(std::move(error)));
        return present;
    }
    if (!found && !is_final(found.error())) return fail(found.error());
    TRY_VOID(refuse(context, intent, error.reason));
    crash_point("carry_out.refusal_saved");
    log(LogLevel::info, "Stripe refused a change",
        {{"intent", intent.id.str()}, {"kind", subscription::to_string(intent.kind)}, {"reason", error.reason}});
    // Something that we know of is gone, and its news was lost or is on its way: the next wish meets what is there.
    if (error.reason == "resource_missing" && !refresh_customer(context, intent.customer))
        log(LogLevel::debug, "what is gone at Stripe was not read", {{"customer", intent.customer.str()}});
    return fail(as_answer(std::move(error)));
}

}  // namespace

bool is_driven(Intent const& intent) {
    return intent.status != IntentStatus::pending || intent.parameters.contains("session") ||
           intent.parameters.contains("awaiting_payment");
}

Result<Intent> reload(CommandContext const& context, Intent const& intent) {
    auto found = TRY(context.store.read_value(store::Scope::customer(intent.customer), [&](store::Reader& reader) {
        return store::find_intent(reader, intent.customer, intent.id);
    }));
    if (!found) return fail(not_found("There is no intent '" + intent.id.str() + "'.", "unknown_intent"));
    return *found;
}

Result<Intent> carry_out(CommandContext const& context, Intent const& intent) {
    if (is_driven(intent)) return intent;
    // Who joins a wish that is being given up must not carry it out beside that: the page would stay, without a wish.
    if (is_too_old(context, intent)) return resume_intent(context, intent);
    for (int turn = 1;; ++turn) {
        auto done = run_steps(context, intent);
        if (done) return reload(context, intent);
        if (is_final(done.error())) return settle_refusal(context, intent, std::move(done).error());
        if (done.error().reason != "idempotency_key_in_use") return fail(as_answer(std::move(done).error()));
        // Another carries the same intent out at this moment: what they reach is the answer to both.
        auto present = TRY(reload(context, intent));
        if (is_driven(present)) return present;
        if (turn == turns_max)
            return fail(unavailable("not_confirmed_yet", "The same change is being made at this moment; ask again."));
    }
}

Result<Intent> resume_intent(CommandContext const& context, Intent const& intent) {
    if (intent.status != IntentStatus::pending) return intent;
    auto const found = find_out(context, intent);
    crash_point("resume_intent.found_out");
    auto present = TRY(reload(context, intent));
    if (present.status != IntentStatus::pending) return present;
    if (!found && found.error().kind == ErrorKind::not_found) return give_up(context, present, "gone_at_stripe");
    // Who could not look does not know whether Stripe has done it.
    if (!found) return fail(found.error());
    if (is_driven(present)) return present;
    if (is_too_old(context, present)) {
        if (present.kind == IntentKind::schedule_change) TRY_VOID(leave_no_schedule(context, present));
        return give_up(context, present, "not_done_within_a_day");
    }
    return carry_out(context, present);
}

}  // namespace billhook::flow
