#pragma once
// The published test cards and what each does. Only these numbers are known here; any other is neither kept nor
// logged. Source: Stripe, "Testing".

#include <string>
#include <string_view>

#include "sandbox/core/api_error.h"

namespace billhook::sandbox {

/// When the card's bank wants to ask its holder.
enum class Challenge {
    none,
    until_set_up,  // on session always; off session unless it was set up before
    on_session,    // set up already: off session it is never asked
    always,
};

struct TestCard {
    std::string_view number;
    std::string_view token;  // pm_card_…; empty: by number only
    std::string_view brand = "visa";
    std::string_view code = {};  // error code of a charge; empty: it succeeds
    std::string_view decline_code = {};
    bool refuses_attach = false;  // attaching it to a customer already fails
    Challenge challenge = Challenge::none;
    std::string_view dispute_reason = {};  // the charge succeeds and is then disputed
    std::string_view refund_effect = {};   // "fail" or "pending"
    std::string_view country = "US";
    std::string_view funding = "credit";
};

TestCard const* find_card_by_number(std::string_view digits);
/// Also the older spellings without the brand, and tok_… for the common ones.
TestCard const* find_card_by_token(std::string_view token);
/// Each card has one fingerprint, which is how a payment method remembers its card.
TestCard const* find_card_by_fingerprint(std::string_view fingerprint);
std::string fingerprint_of(TestCard const& card);

/// The 402 that a charge of such a card answers.
ApiError decline_of(TestCard const& card);
ApiError authentication_required();
/// An unknown number: Stripe's answer to a real card in test mode.
ApiError not_a_test_card();

struct DeclineAdvice {
    std::string_view network_decline_code;
    std::string_view advice_code;
};
DeclineAdvice advice_of(std::string_view code, std::string_view decline_code);

}  // namespace billhook::sandbox
