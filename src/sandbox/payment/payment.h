#pragma once
// Taking money: payment intents and what a test card does to them. Invoices, Checkout and the payment_intents resource
// all go through here, so that a card behaves the same everywhere. Source: Stripe, "Testing", "Payment Intents API".

#include <cstdint>
#include <string>
#include <string_view>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Is the payer at the screen? Off session a card that wants a challenge fails instead of asking.
enum class Presence { on_session, off_session };

struct PaymentOutcome {
    enum class Kind { succeeded, declined, requires_action, no_payment_method };
    Kind kind = Kind::succeeded;
    std::string payment_intent;  // pi_…
    std::string charge;          // ch_…; empty unless an attempt reached the card
    ApiError error = {};         // declined: the 402 card_error to answer; requires_action off session: 402 as well
};

struct NewIntent {
    std::int64_t amount = 0;  // minor units, > 0
    std::string currency;
    std::string customer;
    std::string description;
    std::string payment_method;        // empty: none yet
    bool is_for_future_usage = false;  // setup_future_usage=off_session
};

/// The subscription's own method, else the customer's default for invoices, else its default source; one that was
/// detached is none. Empty where there is none.
std::string default_payment_method(Call& call, std::string_view subscription_method, std::string_view customer);

/// A payment_intent in requires_payment_method or requires_confirmation, with event payment_intent.created.
std::string create_payment_intent(Call& call, NewIntent const& wanted);
/// Attempts the payment. Emits payment_intent.* and charge.*. With an empty method: no_payment_method, nothing changed.
PaymentOutcome confirm_payment_intent(Call& call, std::string const& payment_intent, std::string const& payment_method,
                                      Presence presence);
void cancel_payment_intent(Call& call, std::string const& payment_intent, std::string_view reason);

}  // namespace billhook::sandbox
