#pragma once
// Completing a Checkout Session: what the page's button does. Either all of it happens, or the session stays open and
// the payer is told why.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct Payer {
    std::string payment_method;  // empty where nothing has to be paid and no card is wanted
    std::string email;
    std::string name;
    std::string promotion_code;
    bool has_authenticated = false;  // the bank's question was answered on the way here
};

/// A 402 means that the card was refused; the session is open as before.
Answer<void> complete_session(Call& call, std::string const& session, Payer const& payer);

}  // namespace billhook::sandbox
