#pragma once
// Disputes: the bank takes a payment back, or asks about it. Source: Stripe, "Testing", disputes; SEMANTICS.md 15.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Opens the dispute that the charge's test card asks for, if it asks for one.
void open_dispute_of_card(Call& call, std::string const& charge);
/// Whether the bank holds the charge's money back, which leaves nothing to refund.
bool is_charged_back(Call& call, std::string const& charge);

}  // namespace billhook::sandbox
