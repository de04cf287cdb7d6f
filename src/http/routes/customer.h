#pragma once
// Customers: upsert by the application's own id, look up, refresh from Stripe.

#include "http/call.h"

namespace billhook::http {

Result<Answer> put_customer(Call const& call);
Result<Answer> get_customer(Call const& call);
Result<Answer> list_customers(Call const& call);
Result<Answer> refresh_customer(Call const& call);
Result<Answer> get_own_customer(Call const& call);

}  // namespace billhook::http
