#pragma once
// A discount that the customer has, not a subscription: what versions before basil gave by `coupon` and
// `promotion_code` of a customer. It holds for the invoices that have no discount of their own.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// From the parameters of creating or updating a customer; an empty one takes the discount away.
Answer<void> apply_customer_discount(Call& call, std::string const& customer);
/// Whether anything else is to be taken off: the given discounts, or where there are none the customer's.
JsonArray discounts_or_customers(Call& call, std::string const& customer, JsonArray const& own);

void add_customer_discounts(World& world);

}  // namespace billhook::sandbox
