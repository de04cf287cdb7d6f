#pragma once
// The credit or debt that a customer carries to the next invoice, and the ledger of its changes.

#include <cstdint>
#include <string>
#include <string_view>

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

/// The credit (negative) or debt that invoices in this currency take in.
std::int64_t balance_in(JsonObject const& customer, std::string_view currency);
/// Makes this the customer's own currency, in which `balance` is said; what is kept in another stays kept.
void change_customer_currency(Call& call, std::string const& customer, std::string const& currency);

/// Changes the balance in the change's currency and answers the ledger entry's id.
std::string write_customer_balance(Call& call, std::string const& customer, BalanceChange const& change);
/// The same, and sends customer.updated too.
std::string change_customer_balance(Call& call, std::string const& customer, BalanceChange const& change);

}  // namespace billhook::sandbox
