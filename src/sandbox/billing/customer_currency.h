#pragma once
// The one currency in which a customer subscribes. One-off invoices may be in any; the customer's credit in a currency
// pays only invoices in it. Source: Stripe, "Multi-currency customers".

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Refused while something the customer has subscribed to, or is about to, is in another currency.
Answer<void> check_currency_of(Call& call, std::string const& customer, std::string const& currency);
/// What the customer subscribes to from now on is in this currency.
void adopt_currency(Call& call, std::string const& customer, std::string const& currency);

}  // namespace billhook::sandbox
