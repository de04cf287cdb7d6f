#pragma once
// What operators look after: API keys, and the events received from Stripe.

#include "http/call.h"

namespace billhook::http {

Result<Answer> list_keys(Call const& call);
Result<Answer> create_key(Call const& call);
Result<Answer> revoke_key(Call const& call);

Result<Answer> list_events(Call const& call);
Result<Answer> get_event(Call const& call);
Result<Answer> replay_event(Call const& call);

}  // namespace billhook::http
