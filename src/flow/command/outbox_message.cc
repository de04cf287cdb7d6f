#include "flow/command/outbox_message.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/command/carry_out.h"
#include "flow/command/customer_command.h"
#include "flow/command/refund.h"
#include "flow/command/set_up_payment.h"
#include "flow/projector/project_subscription.h"
#include "gateway/stripe/calls.h"
#include "store/intent_store.h"

namespace billhook::flow {

using subscription::IntentStatus;

namespace {

Status finish_intent(CommandContext const& context, store::OutboxMessage const& message, Json const& payload) {
    auto intent = TRY(context.store.read_value(store::Scope::customer(message.customer), [&](store::Reader& reader) {
        return store::find_intent(reader, message.customer, IntentId(string_or(payload, "intent")));
    }));
    if (!intent || intent->status != IntentStatus::pending) return {};
    auto const done = resume_intent(context, *intent);
    // Any other error is what the intent has ended with.
    if (!done && done.error().kind == ErrorKind::unavailable) return fail(done.error());
    return {};
}

Status project_one(CommandContext const& context, CustomerId const& customer, std::string const& stripe_id) {
    auto look = TRY(look_at_subscription(context.projector.stripe, context.projector.clock, stripe_id));
    crash_point("duplicate.read");
    TRY_VOID(context.store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        TRY(project_subscription(writer, context.projector, look, {"operator:billhook", customer}));
        return {};
    }));
    crash_point("duplicate.projected");
    return {};
}

/// The later of two subscriptions of one line: ended, paid back in full, and the one that stays is written down.
Status end_duplicate(CommandContext const& context, store::OutboxMessage const& message, Json const& payload) {
    auto const id = string_or(payload, "stripe_subscription");
    stripe::CancelWish wish;
    wish.comment = "duplicate of " + string_or(payload, "kept");
    TRY(stripe::cancel_subscription(context.projector.stripe, id, wish));
    crash_point("duplicate.canceled");
    TRY_VOID(refund_all_invoices(context.projector.stripe, id, "duplicate:" + id));
    crash_point("duplicate.refunded");
    TRY_VOID(project_one(context, message.customer, id));
    return project_one(context, message.customer, string_or(payload, "kept"));
}

}  // namespace

Status deliver_message(CommandContext const& context, store::OutboxMessage const& message) {
    auto const payload = TRY(parse_json(message.payload));
    if (message.kind == message_kind::carry_out_intent) return finish_intent(context, message, payload);
    if (message.kind == message_kind::cancel_duplicate) return end_duplicate(context, message, payload);
    if (message.kind == message_kind::update_stripe_customer) return update_stripe_customer(context, message.customer);
    if (message.kind == message_kind::use_payment_method)
        return use_payment_method(context, message.customer, string_or(payload, "setup_intent"));
    return fail(
        invalid("kind", "No delivery is known for messages of kind '" + message.kind + "'.", "unknown_message_kind"));
}

}  // namespace billhook::flow
