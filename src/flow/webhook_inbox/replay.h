#pragma once
// Replaying an event: by an operator, from the page or `billhook events replay`.

#include <functional>
#include <string_view>

#include "store/inbox_store.h"
#include "store/store.h"

namespace billhook::flow {

/// The event is due again at once, with its retries forgotten, and asks Stripe anew; a redacted row serves as well as a
/// fresh one. Errors: not_found "unknown_event", conflict "event_in_progress". `on_stored` wakes the worker after the
/// commit; may be empty.
Result<store::InboxEvent> replay(store::Store& store, std::string_view event_id, Timestamp now,
                                 std::function<void()> const& on_stored = {});

}  // namespace billhook::flow
