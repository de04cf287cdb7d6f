#include "flow/webhook_inbox/receive.h"

#include "base/crash_point.h"
#include "flow/webhook_inbox/received_event.h"

namespace billhook::flow {
namespace {

/// Of an event that is on disk.
Receipt receipt_of(store::InboxEvent const& event, bool is_new) {
    crash_point("webhook.stored");
    return {event.id, event.type, is_new};
}

}  // namespace

bool may_be_a_newer_secret(Error const& error) {
    return error.reason == "signature_mismatch" || error.reason == "webhook_secret_missing";
}

Result<store::InboxEvent> to_inbox_event(std::string_view raw_body, AllowedMetadata const& allowed_metadata,
                                         Timestamp now) {
    auto event = TRY(read_event(raw_body, allowed_metadata));
    store::InboxEvent row;
    row.id = std::move(event.id);
    row.type = std::move(event.type);
    row.subject = std::move(event.subject);
    row.payload = std::move(event.payload);
    row.api_version = std::move(event.api_version);
    row.stripe_created_at = event.created;
    row.received_at = now;
    row.next_retry_at = now;
    return row;
}

WebhookReceiver::WebhookReceiver(store::Store& store, WebhookSecrets& secrets, ReceiptSettings settings,
                                 std::function<void()> on_stored)
    : store_(store), secrets_(secrets), settings_(std::move(settings)), on_stored_(std::move(on_stored)) {}

Result<store::InboxEvent> WebhookReceiver::verify(std::string_view raw_body, std::string_view signature_header,
                                                  Timestamp now) const {
    if (raw_body.size() > settings_.body_bytes_max)
        return fail(invalid("", "The body is larger than any event of Stripe's.", "body_too_large"));
    TRY_VOID(stripe::verify_signature(raw_body, signature_header, secrets_.current(now), settings_.tolerance, now));
    crash_point("webhook.verified");
    return to_inbox_event(raw_body, settings_.allowed_metadata, now);
}

Result<bool> WebhookReceiver::insert(store::Writer& writer, store::InboxEvent const& event) const {
    bool const is_new = TRY(store::insert_event(writer, event));
    if (is_new && on_stored_) writer.after_commit(on_stored_);
    return is_new;
}

Result<Receipt> WebhookReceiver::receive(std::string_view raw_body, std::string_view signature_header, Timestamp now) {
    auto event = verify(raw_body, signature_header, now);
    if (!event && may_be_a_newer_secret(event.error())) {
        TRY_VOID(secrets_.reload_if_old(store_, now));
        event = verify(raw_body, signature_header, now);
    }
    if (!event) return fail(event.error());
    bool const is_new = TRY(store_.write_value(
        store::Scope::system(), [&](store::Writer& writer) -> Result<bool> { return insert(writer, *event); }));
    return receipt_of(*event, is_new);
}

void WebhookReceiver::submit(std::string_view raw_body, std::string_view signature_header, Timestamp now,
                             std::function<void(Result<Receipt>)> done) {
    auto verified = verify(raw_body, signature_header, now);
    if (!verified) return done(fail(verified.error()));
    struct Pending {
        store::InboxEvent event;
        std::function<void(Result<Receipt>)> done;
        bool is_new = false;
    };
    auto const pending = std::make_shared<Pending>(Pending{std::move(*verified), std::move(done)});
    auto const queued = store_.submit(
        store::Scope::system(),
        [this, pending](store::Writer& writer) -> Status {
            pending->is_new = TRY(insert(writer, pending->event));
            return {};
        },
        [pending](Status status) {
            if (!status) return pending->done(fail(status.error()));
            pending->done(receipt_of(pending->event, pending->is_new));
        });
    if (!queued) pending->done(fail(queued.error()));
}

}  // namespace billhook::flow
