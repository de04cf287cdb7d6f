#pragma once
// Checkout Sessions: what a session stores, and its end. A session opens, is completed by its page or expires; only an
// open one has a url. The subscription and the customer come into being when it is completed.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

bool is_open(JsonObject const& session);
/// A new session that asks for the same as an expired one, as long as that can be recovered.
Answer<std::string> recover_session(Call& call, std::string const& id);
/// The amount that is charged on completion, in minor units.
std::int64_t amount_due(JsonObject const& session);

void add_checkout_sessions(World& world);
void add_checkout_page(World& world);
void add_payment_pages(World& world);

}  // namespace billhook::sandbox
