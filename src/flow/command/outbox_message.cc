#include "flow/command/outbox_message.h"

#include "flow/command/carry_out.h"
#include "flow/command/customer_command.h"
#include "flow/command/end_duplicate.h"
#include "flow/command/set_up_payment.h"
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

}  // namespace

Status deliver_message(CommandContext const& context, store::OutboxMessage const& message) {
    auto const payload = TRY(parse_json(message.payload));
    if (message.kind == message_kind::carry_out_intent) return finish_intent(context, message, payload);
    if (message.kind == message_kind::end_duplicate)
        return end_duplicate(context, {.customer = message.customer,
                                       .line = string_or(payload, "line"),
                                       .earlier = string_or(payload, "earlier"),
                                       .later = string_or(payload, "later")});
    if (message.kind == message_kind::update_stripe_customer) return update_stripe_customer(context, message.customer);
    if (message.kind == message_kind::use_payment_method) {
        // Of two cards that were left the later is meant, however long the earlier one's message had to wait.
        bool const is_overtaken =
            TRY(context.store.read_value(store::Scope::customer(message.customer),
                                         [&](store::Reader& reader) { return store::was_overtaken(reader, message); }));
        if (is_overtaken) return {};
        return use_payment_method(context, message.customer, string_or(payload, "setup_intent"));
    }
    return fail(
        invalid("kind", "No delivery is known for messages of kind '" + message.kind + "'.", "unknown_message_kind"));
}

}  // namespace billhook::flow
