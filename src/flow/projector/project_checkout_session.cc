#include "flow/projector/project_checkout_session.h"

#include "flow/command/outbox_message.h"
#include "flow/projector/identify.h"
#include "flow/projector/settle.h"
#include "store/intent_store.h"

namespace billhook::flow {

using store::CheckoutSessionStatus;

namespace {

Result<std::optional<store::CheckoutSession>> find_row(store::Reader& reader, stripe::CheckoutSession const& from,
                                                       CustomerId const& customer, std::string const& line) {
    // The open one of the line is found under the customer's own scope; any other needs the system's.
    auto open = TRY(store::find_open_checkout_session(reader, customer, line));
    if (open && open->stripe_session_id == from.id) return open;
    return store::find_checkout_session_by_stripe_id(reader, from.id);
}

store::CheckoutSession new_row(ProjectorContext const& context, stripe::CheckoutSession const& from,
                               CustomerId const& customer, std::string const& line) {
    store::CheckoutSession row;
    row.id = "chk_" + context.random.alphanumeric(24);
    row.customer = customer;
    row.line = line;
    row.stripe_session_id = from.id;
    row.intent = IntentId(stripe::metadata_or_empty(from.metadata, stripe::metadata_key::intent));
    row.created_at = from.created;
    return row;
}

Status follow_intent(store::Writer& writer, ProjectorContext const& context, store::CheckoutSession const& row,
                     std::string const& reason) {
    auto intent = TRY(store::find_intent(writer, row.customer, row.intent));
    if (!intent || intent->status != subscription::IntentStatus::pending) return {};
    if (row.status == CheckoutSessionStatus::expired) {
        auto status =
            reason == "replaced" ? subscription::IntentStatus::superseded : subscription::IntentStatus::refused;
        return end_intent(writer, *intent, status, reason, context.clock.now());
    }
    if (intent->parameters.contains("session")) return {};
    intent->parameters["session"] = row.stripe_session_id;
    intent->parameters["session_url"] = row.url;
    intent->parameters["session_expires_at"] = row.expires_at.seconds();
    return store::update_intent(writer, *intent);
}

}  // namespace

Result<bool> project_checkout_session(store::Writer& writer, ProjectorContext const& context,
                                      stripe::CheckoutSession const& from, Origin const& origin,
                                      std::string const& reason) {
    auto customer = TRY(identify_customer(writer, from.metadata, from.customer_id, origin));
    auto line = stripe::metadata_or_empty(from.metadata, stripe::metadata_key::line);
    auto status = store::parse_checkout_session_status(from.status);
    if (!customer || line.empty() || !status) return false;
    auto known = TRY(find_row(writer, from, *customer, line));
    auto row = known.value_or(new_row(context, from, *customer, line));
    if (row.intent.empty() || (known && known->status != CheckoutSessionStatus::open)) return false;
    row.status = *status;
    row.url = from.url;
    row.expires_at = from.expires_at;
    TRY_VOID(store::save_checkout_session(writer, row));
    TRY_VOID(follow_intent(writer, context, row, reason));
    return true;
}

Status promise_payment_method(store::Writer& writer, ProjectorContext const& context,
                              stripe::CheckoutSession const& from) {
    // One that somebody else opened at Stripe is theirs to use.
    if (stripe::metadata_or_empty(from.metadata, stripe::metadata_key::customer).empty()) return {};
    auto const customer = TRY(identify_customer(writer, from.metadata, from.customer_id, {}));
    if (!customer || from.status != "complete" || from.setup_intent_id.empty()) return {};
    store::OutboxMessage message;
    message.id = "msg_set_up_" + from.id;
    message.kind = message_kind::use_payment_method;
    message.customer = *customer;
    message.subject = customer->str();
    message.payload = to_text(JsonObject{{"setup_intent", from.setup_intent_id}});
    message.created_at = message.next_retry_at = context.clock.now();
    auto promised = store::enqueue_message(writer, message);
    bool const is_promised_already = !promised && promised.error().kind == ErrorKind::conflict;
    return is_promised_already ? Status{} : promised;
}

}  // namespace billhook::flow
