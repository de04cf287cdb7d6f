#pragma once
// A card as the hosted pages' forms bring it (page/html.h has the fields), and the payer who is away at the bank's
// page. Only the published test numbers are taken; any other is neither kept nor logged.

#include <string>

#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {

/// Number, expiry, holder and e-mail; a wallet's button stands for a card that works.
Answer<CardDetails> read_card_form(Call const& call, JsonObject const& form);

/// Whether the bank wants to ask the holder before this method pays on a page.
bool wants_to_ask(Call& call, std::string const& method);

/// Keeps what was filled in for a session or an invoice while its bank asks; what was kept before is forgotten.
void await_bank(Call& call, std::string const& id, JsonObject payer);
bool awaits_bank(Call& call, std::string const& id);
/// What was kept, which waits no longer.
JsonObject take_from_bank(Call& call, std::string const& id);

}  // namespace billhook::sandbox
