#pragma once
// Adding a tax id to a customer, also while the customer is created.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Sends customer.tax_id.created. Answers the id.
Answer<std::string> create_tax_id(Call& call, std::string const& customer, std::string const& kind,
                                  std::string const& value, std::string const& param);

}  // namespace billhook::sandbox
