#include "flow/projector/duplicate.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "flow/command/outbox_message.h"
#include "flow/operator_notice.h"
#include "flow/projector/settle.h"
#include "store/intent_store.h"

namespace billhook::flow {

using subscription::Subscription;

namespace {

/// Stripe's stamps are whole seconds: of two with the same one, what is held already was first.
bool is_later(Subscription const& observed, Subscription const& held) {
    return observed.created_at >= held.created_at;
}

Status promise_once(store::Writer& writer, std::string_view kind, Subscription const& later, JsonObject const& payload,
                    Timestamp now) {
    store::OutboxMessage message;
    // Named after what it is about: news that comes twice promises it once.
    message.id = "msg_" + std::string(kind) + "_" + later.stripe_subscription_id;
    message.kind = kind;
    message.customer = later.customer;
    message.subject = later.stripe_subscription_id;
    message.payload = to_text(payload);
    message.next_retry_at = now;
    message.created_at = now;
    auto stored = store::enqueue_message(writer, message);
    if (!stored && stored.error().kind == ErrorKind::conflict) return {};
    return stored;
}

}  // namespace

Status promise_end_of_duplicate(store::Writer& writer, ProjectorContext const& context, Subscription const& observed,
                                std::vector<Subscription> const& records) {
    auto held = std::ranges::find_if(records, [&](Subscription const& record) {
        return record.line == observed.line && !subscription::has_ended(record.status);
    });
    CHECK(held != records.end());
    auto const& later = is_later(observed, *held) ? observed : *held;
    auto const& earlier = is_later(observed, *held) ? *held : observed;
    auto const now = context.clock.now();
    log(LogLevel::error, "two subscriptions of one line; the later will be cancelled and refunded",
        {{"customer", later.customer.str()},
         {"line", later.line},
         {"kept", earlier.stripe_subscription_id},
         {"cancelled", later.stripe_subscription_id}});
    JsonObject const payload{{"stripe_subscription", later.stripe_subscription_id},
                             {"kept", earlier.stripe_subscription_id},
                             {"customer", later.customer.str()},
                             {"line", later.line}};
    TRY_VOID(promise_once(writer, message_kind::cancel_duplicate, later, payload, now));
    TRY_VOID(
        tell_operator(writer, {.id = "note_duplicate_" + later.stripe_subscription_id,
                               .kind = std::string(notice_kind::duplicate_subscription),
                               .customer = later.customer,
                               .subject = later.stripe_subscription_id,
                               .text = "The customer had two subscriptions of the line '" + later.line +
                                       "'; the later, " + later.stripe_subscription_id +
                                       ", is cancelled and refunded, " + earlier.stripe_subscription_id + " stays.",
                               .created_at = now}));
    auto pending = TRY(store::find_pending_intent(writer, later.customer, later.line));
    if (pending && pending->subscription == later.id && later.id == observed.id) {
        TRY_VOID(end_intent(writer, *pending, subscription::IntentStatus::refused, "line_already_held", now));
        TRY_VOID(close_payment_page(writer, *pending));
    }
    return {};
}

}  // namespace billhook::flow
