#pragma once
// Customer: who subscribes and pays, known by the application's own id. Has one Stripe customer and one currency.

#include <optional>
#include <string>

#include "base/id.h"
#include "base/timestamp.h"

namespace billhook {

using CustomerId = Id<struct CustomerTag>;  // the application's own id: 1..128 characters of [A-Za-z0-9._:@-]

namespace customer {

struct Customer {
    CustomerId id;
    std::string name;                // empty where unknown
    std::string email;               // empty where unknown
    std::string currency;            // lower case; empty until the first purchase fixes it
    std::string stripe_customer_id;  // empty until Stripe knows the customer
    bool has_payment_method = false;
    Timestamp created_at;
    Timestamp updated_at;
    auto operator<=>(Customer const&) const = default;
};

}  // namespace customer
}  // namespace billhook
