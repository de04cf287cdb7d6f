#pragma once
// Buying through Checkout, the portal, and what was billed.

#include <string>

#include "flow/command/purchase.h"
#include "http/call.h"

namespace billhook::http {

Result<Answer> create_checkout(Call const& call);
Result<Answer> set_up_payment(Call const& call);
Result<Answer> open_portal(Call const& call);
Result<Answer> list_invoices(Call const& call);

/// What every way of buying shares: the return addresses within the configured origins, then the session.
struct CheckoutWish {
    std::string plan;
    std::optional<std::string> interval;
    std::optional<std::string> currency;
    std::string success_url;
    std::string cancel_url;
};
Result<flow::CheckoutView> check_out(Call const& call, CheckoutWish const& wish);

}  // namespace billhook::http
