#pragma once
// The currencies in which Stripe takes money. A well-formed code that is none of them is refused.

#include <string>

#include "sandbox/core/api_error.h"

namespace billhook::sandbox {

/// A currency in lower case, or Stripe's refusal.
Answer<std::string> read_currency(std::string const& given, std::string const& param);

}  // namespace billhook::sandbox
