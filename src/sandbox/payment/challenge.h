#pragma once
// The bank's question (3-D Secure): a page with two buttons. It works without script.

#include <string>

#include "sandbox/core/call.h"
#include "sandbox/payment/payment.h"

namespace billhook::sandbox {

/// The next_action of an intent that waits for its holder. Without a return address the caller's own page is to show
/// the question; the sandbox's page is reachable all the same.
Json next_action(Call& call, std::string const& intent, std::string const& return_url);
std::string challenge_url(World const& world, std::string const& intent);
/// Where the page leads afterwards; a later call wins.
void set_challenge_return(Call& call, std::string const& intent, std::string const& return_url);

Answer<PaymentOutcome> answer_payment_challenge(Call& call, std::string const& payment_intent, bool has_passed);
Answer<void> answer_setup_challenge(Call& call, std::string const& setup_intent, bool has_passed);

}  // namespace billhook::sandbox
