#pragma once
// The application's own id of a customer, as it arrives in paths, headers and token claims.

#include <string_view>

#include "base/result.h"
#include "domain/customer/customer.h"

namespace billhook::http {

/// 1..128 characters of [A-Za-z0-9._:@-]; `field` is named in the error.
Result<CustomerId> parse_customer_id(std::string_view text, std::string_view field);

}  // namespace billhook::http
