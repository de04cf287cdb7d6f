#pragma once
// The credit or debt that a customer carries to the next invoice, and the ledger of its changes.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct BalanceChange {
    std::int64_t amount = 0;  // negative: credit to the customer
    std::string currency;
    std::string type = "adjustment";  // applied_to_invoice, unapplied_from_invoice, invoice_too_small, …
    std::string invoice = {};
    std::string credit_note = {};
    JsonObject further = {};  // description, metadata
};

/// Changes the balance and answers the ledger entry's id. Does not check the currency.
std::string write_customer_balance(Call& call, std::string const& customer, BalanceChange const& change);
/// The same, and sends customer.updated too.
std::string change_customer_balance(Call& call, std::string const& customer, BalanceChange const& change);

}  // namespace billhook::sandbox
