#pragma once
// Leaving a card for later: a customer on trial without one, or whose card has expired, opens a hosted page that costs
// nothing. What is kept there becomes the customer's default and that of every subscription with one of its own, so
// that the trial goes on as a paid plan and the next renewal is charged to it.

#include <string>

#include "flow/command/context.h"

namespace billhook::flow {

struct SetUpRequest {
    Asker asker;
    std::string success_url;  // empty: the setting
    std::string cancel_url;
};

struct SetUpView {
    std::string url;
    std::string stripe_session_id;
    Timestamp expires_at;
};

/// Errors: not_found "unknown_customer".
Result<SetUpView> set_up_payment(CommandContext const& context, SetUpRequest const& request);

/// What the outbox does once the page was completed; may be done again without harm.
Status use_payment_method(CommandContext const& context, CustomerId const& customer,
                          std::string const& setup_intent_id);

}  // namespace billhook::flow
