#include "flow/projector/project_customer.h"

#include "base/log.h"
#include "flow/command/outbox_message.h"
#include "flow/projector/identify.h"
#include "store/customer_store.h"

namespace billhook::flow {

namespace {

constexpr Duration update_lease = Duration::minutes(2);

bool is_news_to(stripe::Customer const& there, customer::Customer const& record) {
    return (!record.name.empty() && record.name != there.name) ||
           (!record.email.empty() && record.email != there.email);
}

}  // namespace

Result<store::OutboxMessage> promise_update(store::Writer& writer, ProjectorContext const& context,
                                            customer::Customer const& record) {
    store::OutboxMessage message;
    message.id = "msg_" + context.random.alphanumeric(24);
    message.kind = message_kind::update_stripe_customer;
    message.customer = record.id;
    message.subject = record.id.str();
    message.payload = to_text(JsonObject{{"customer", record.id.str()}});
    message.status = store::QueueStatus::processing;
    message.created_at = record.updated_at;
    message.next_retry_at = record.updated_at;
    message.locked_until = record.updated_at + update_lease;
    TRY_VOID(store::enqueue_message(writer, message));
    return message;
}

Result<std::optional<store::OutboxMessage>> project_customer(store::Writer& writer, ProjectorContext const& context,
                                                             stripe::Customer const& from, Origin const& origin) {
    auto id = TRY(identify_customer(writer, from.metadata, from.id, origin));
    if (!id) return std::nullopt;
    auto record = TRY(store::find_customer(writer, *id));
    if (!record) return std::nullopt;
    if (!record->stripe_customer_id.empty() && record->stripe_customer_id != from.id) {
        // Ours has one Stripe customer; another that bears its id was made by hand, or is an old one that was deleted.
        log(LogLevel::warn, "another Stripe customer bears the id of one of ours; it is left alone",
            {{"customer", id->str()}, {"known", record->stripe_customer_id}, {"seen", from.id}});
        return std::nullopt;
    }
    auto const before = *record;
    record->stripe_customer_id = from.is_deleted ? "" : from.id;
    record->has_payment_method = !from.is_deleted && from.has_default_payment();
    if (record->currency.empty()) record->currency = from.currency;
    if (*record == before) return std::nullopt;
    record->updated_at = context.clock.now();
    TRY_VOID(store::save_customer(writer, *record));
    bool const meets_first = before.stripe_customer_id.empty() && !record->stripe_customer_id.empty();
    if (!meets_first || !is_news_to(from, *record)) return std::nullopt;
    return TRY(promise_update(writer, context, *record));
}

}  // namespace billhook::flow
