#include "flow/command/run_intent.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/command/carry_out.h"
#include "flow/command/outbox_message.h"
#include "flow/command/standing.h"
#include "flow/command/undo.h"
#include "flow/failure_note.h"
#include "store/intent_store.h"
#include "store/outbox_store.h"

namespace billhook::flow {

using subscription::Decision;
using subscription::Intent;
using subscription::IntentStatus;

namespace {

constexpr int attempts_max = 6;  // undo up to three things and lose a race or two
constexpr char const* overtaken = "overtaken_by_another";
// Longer than the calls of one command may take; then the outbox believes that the command died.
constexpr Duration command_lease = Duration::minutes(3);
constexpr Duration worker_takes_over_after = Duration::seconds(1);

struct Begun {
    Decision decision;
    std::optional<store::OutboxMessage> message;  // with a new intent: held by this command
};

store::OutboxMessage message_for(Intent const& intent) {
    store::OutboxMessage message;
    message.id = "msg_" + intent.id.str();
    message.kind = message_kind::carry_out_intent;
    message.customer = intent.customer;
    message.subject = intent.customer.str() + "/" + intent.line;
    message.payload = to_text(JsonObject{{"customer", intent.customer.str()}, {"intent", intent.id.str()}});
    message.status = store::QueueStatus::processing;
    message.created_at = intent.created_at;
    message.next_retry_at = intent.created_at;
    message.locked_until = intent.created_at + command_lease;
    return message;
}

/// Where somebody else's intent was committed between our look and our insert, it can be seen at the next look.
Status insert(store::Writer& writer, Intent const& intent) {
    auto inserted = store::insert_intent(writer, intent);
    if (!inserted && inserted.error().reason == "change_in_progress")
        return fail(conflict(overtaken, "Another change of this subscription came first; try again."));
    return inserted;
}

Result<Begun> begin(CommandContext const& context, Asker const& asker, std::string const& line, Decide const& decide) {
    auto const stamp = new_stamp(context, asker);
    return context.store.write_value(store::Scope::customer(asker.customer),
                                     [&](store::Writer& writer) -> Result<Begun> {
                                         auto standing = TRY(load_standing(writer, asker.customer, line));
                                         Begun begun{TRY(decide(writer, standing, stamp)), {}};
                                         if (begun.decision.kind != Decision::Kind::begin) return begun;
                                         TRY_VOID(insert(writer, begun.decision.intent));
                                         begun.message = message_for(begun.decision.intent);
                                         TRY_VOID(store::enqueue_message(writer, *begun.message));
                                         return begun;
                                     });
}

/// The command has done what the message was there to make sure of. A lost lease means that a worker does the same.
void finish(CommandContext const& context, Asker const& asker, store::OutboxMessage const& message) {
    auto finished = context.store.write(store::Scope::customer(asker.customer), [&](store::Writer& writer) {
        return store::finish_message(writer, message, context.projector.clock.now());
    });
    crash_point("command.finished");
    if (!finished && finished.error().reason != "lease_lost")
        log(LogLevel::warn, "an outbox message could not be finished; the worker will see that nothing is left to do",
            {{"message", message.id}, {"reason", finished.error().reason}});
}

/// The command has given up, though Stripe may have acted or will answer again soon: the worker need not wait until the
/// command's lease runs out.
void hand_over(CommandContext const& context, Asker const& asker, store::OutboxMessage const& message,
               Error const& error) {
    auto const due = context.projector.clock.now() + worker_takes_over_after;
    auto handed = context.store.write(store::Scope::customer(asker.customer), [&](store::Writer& writer) {
        return store::reschedule_message(writer, message, due, failure_note(error));
    });
    if (!handed && handed.error().reason != "lease_lost")
        log(LogLevel::warn, "an outbox message could not be handed over; the worker takes it when its lease runs out",
            {{"message", message.id}, {"reason", handed.error().reason}});
}

}  // namespace

Result<Intent> answer_of(Intent const& intent) {
    Json const parameters(intent.parameters);
    switch (intent.status) {
        case IntentStatus::confirmed:
            return intent;
        case IntentStatus::refused:
        case IntentStatus::superseded:
            return fail(conflict(intent.reason, "The change was not made; the plan stays as it was."));
        case IntentStatus::pending:
            break;
    }
    if (intent.parameters.contains("session")) return intent;
    if (intent.parameters.contains("awaiting_payment")) {
        bool needs_action = bool_or(parameters, "needs_action");
        Error error{ErrorKind::payment_required, needs_action ? "authentication_required" : "payment_failed",
                    "What was in force stays so until this is paid; action_url leads to the page that does it."};
        error.extra["action_url"] = string_or(parameters, "action_url");
        error.extra["intent"] = intent.id.str();
        return fail(std::move(error));
    }
    return fail(
        unavailable("not_confirmed_yet",
                    "Stripe has not confirmed the change yet; it is being followed up. Ask again in a moment."));
}

Result<std::optional<Intent>> run_intent(CommandContext const& context, Asker const& asker, std::string const& line,
                                         Decide const& decide) {
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        crash_point("command.asked");
        auto begun = begin(context, asker, line, decide);
        if (!begun && begun.error().reason == overtaken) continue;
        auto [decision, message] = TRY(std::move(begun));
        if (decision.kind == Decision::Kind::already) return std::nullopt;
        if (decision.kind == Decision::Kind::undo_first) {
            for (auto what : decision.undo) TRY_VOID(undo(context, asker, decision.intent, line, what));
            continue;
        }
        crash_point("command.intent_saved");
        auto carried = carry_out(context, decision.intent);
        crash_point("command.carried_out");
        bool may_be_unfinished = !carried && carried.error().kind == ErrorKind::unavailable;
        if (message && may_be_unfinished) hand_over(context, asker, *message, carried.error());
        if (message && !may_be_unfinished) finish(context, asker, *message);
        return TRY(answer_of(TRY(std::move(carried))));
    }
    return fail(
        conflict("change_in_progress", "Other changes of this subscription keep crossing this one; try again."));
}

}  // namespace billhook::flow
