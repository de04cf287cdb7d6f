#pragma once
// Receiving a webhook: verify the signature on the raw bytes, store the event once by its id, answer. Nothing is
// handled here; the worker does that later. Two doors: receive() blocks, submit() is for the event loop and touches
// only memory until the store's group commit answers.

#include <functional>
#include <string>
#include <string_view>

#include "flow/webhook_inbox/redaction.h"
#include "flow/webhook_inbox/webhook_secrets.h"
#include "gateway/stripe/signature.h"
#include "store/inbox_store.h"
#include "store/store.h"

namespace billhook::flow {

struct ReceiptSettings {
    Duration tolerance = stripe::signature_tolerance_default;
    std::size_t body_bytes_max = std::size_t{1} << 20;
    AllowedMetadata allowed_metadata;
};

struct Receipt {
    std::string event_id;
    std::string type;
    bool is_new = false;  // false: it was here already
};

/// No secret known here fits; another process may have rotated it.
bool may_be_a_newer_secret(Error const& error);

/// Everything it is given outlives it. Thread-safe.
class WebhookReceiver {
  public:
    /// `on_stored` is called after the commit of a new event: wake the worker.
    WebhookReceiver(store::Store& store, WebhookSecrets& secrets, ReceiptSettings settings,
                    std::function<void()> on_stored);

    /// Errors: those of stripe::verify_signature; invalid "invalid_json", "event_not_understood", "body_too_large". The
    /// event is on disk when this returns. A signature that does not match is tried once more against fresh secrets.
    Result<Receipt> receive(std::string_view raw_body, std::string_view signature_header, Timestamp now);

    /// The same without waiting. `done` is called exactly once: here where nothing is to be stored, else on a thread of
    /// the store. Where may_be_a_newer_secret() says so, hand the request to receive() on the pool.
    void submit(std::string_view raw_body, std::string_view signature_header, Timestamp now,
                std::function<void(Result<Receipt>)> done);

  private:
    Result<store::InboxEvent> verify(std::string_view raw_body, std::string_view signature_header, Timestamp now) const;
    Result<bool> insert(store::Writer& writer, store::InboxEvent const& event) const;

    store::Store& store_;
    WebhookSecrets& secrets_;
    ReceiptSettings const settings_;
    std::function<void()> const on_stored_;
};

/// The row of a verified body: parsed strictly, redacted, due at once.
Result<store::InboxEvent> to_inbox_event(std::string_view raw_body, AllowedMetadata const& allowed_metadata,
                                         Timestamp now);

}  // namespace billhook::flow
