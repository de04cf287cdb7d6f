#include "flow/projector/duplicate.h"

#include "base/log.h"
#include "flow/command/outbox_message.h"
#include "store/subscription_store.h"

namespace billhook::flow {

using subscription::Subscription;

namespace {

/// Stripe's stamps are whole seconds: of two with the same one, what is held already was first.
bool is_later(Subscription const& observed, Subscription const& held) {
    return observed.created_at >= held.created_at;
}

}  // namespace

Status promise_end_of_duplicate(store::Writer& writer, ProjectorContext const& context, Subscription const& observed) {
    auto const held = TRY(store::find_live_subscription(writer, observed.customer, observed.line));
    // The index counts a row that was committed after our snapshot was taken; the store runs the work again, which then
    // sees it.
    if (!held) return fail(unavailable("line_just_taken", "The line was taken at this moment; look again."));
    auto const& later = is_later(observed, *held) ? observed : *held;
    auto const& earlier = is_later(observed, *held) ? *held : observed;
    store::OutboxMessage message;
    message.kind = message_kind::end_duplicate;
    // Named after what it is about: news that comes twice promises it once.
    message.id = "msg_" + message.kind + "_" + later.stripe_subscription_id + "_" + earlier.stripe_subscription_id;
    message.customer = later.customer;
    message.subject = later.stripe_subscription_id;
    message.payload = to_text(JsonObject{
        {"later", later.stripe_subscription_id}, {"earlier", earlier.stripe_subscription_id}, {"line", later.line}});
    message.created_at = context.clock.now();
    message.next_retry_at = message.created_at;
    auto stored = store::enqueue_message(writer, message);
    if (!stored && stored.error().kind == ErrorKind::conflict) {
        // One that was given up while both subscriptions live on is due again.
        auto const known = TRY(store::find_message(writer, message.id));
        bool const is_dead = known && known->status == store::QueueStatus::dead;
        return is_dead ? store::replay_message(writer, message.id, message.created_at) : Status{};
    }
    TRY_VOID(std::move(stored));
    log(LogLevel::warn, "two subscriptions of one line; both will be read, to end the one too many",
        {{"customer", later.customer.str()},
         {"line", later.line},
         {"earlier", earlier.stripe_subscription_id},
         {"later", later.stripe_subscription_id}});
    return {};
}

}  // namespace billhook::flow
