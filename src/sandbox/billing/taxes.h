#pragma once
// Tax by the rates that an invoice or a subscription names (default_tax_rates): on each line, after its discounts.
// An exclusive rate is added to the total, an inclusive one is contained in it. Automatic tax knows one registration:
// the same exclusive percentage (a setting) in every country, for customers whose address says the country.

#include <cstdint>
#include <string>
#include <vector>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct InvoiceTaxes {
    std::int64_t exclusive = 0, inclusive = 0;
    JsonArray totals = {};  // invoice.total_taxes
};

/// Writes the taxes of each line of a draft, and answers their sums.
InvoiceTaxes write_taxes(Call& call, std::string const& invoice, std::vector<std::string> const& lines);

/// The ids that a parameter lists; an unknown rate is refused. null: none.
Answer<JsonArray> read_tax_rates(Call& call, Json const& given, std::string const& param);

}  // namespace billhook::sandbox
