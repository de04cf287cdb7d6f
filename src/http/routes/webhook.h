#pragma once
// Stripe's webhooks: the raw bytes go to the inbox, which answers once the event is on disk.

#include <functional>

#include "http/call.h"

namespace billhook::http {

Result<Answer> receive_stripe_event(Call const& call);
/// The same on the event loop: `done` is called once the event is on disk, from a thread of the store.
void submit_stripe_event(Call const& call, std::function<void(std::optional<Result<Answer>>)> done);

}  // namespace billhook::http
