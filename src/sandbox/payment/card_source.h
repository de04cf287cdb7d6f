#pragma once
// Tokens and legacy sources: a card that was made from a token (tok_visa) and belongs to one customer. As at Stripe it
// is a payment method of the same id too, and as that it pays; where nothing else is named, the customer's default
// source does.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// The new card_…; the customer's default when it has none yet. A 402 where the card refuses to be attached.
Answer<std::string> add_card_source(Call& call, std::string const& customer, std::string const& token,
                                    std::string_view param);

/// The card behind a token, as a payment method that belongs to nobody yet; a token that was made is used up.
Answer<std::string> take_card_token(Call& call, std::string const& token, std::string_view param);

void add_card_sources(World& world);

}  // namespace billhook::sandbox
