#pragma once
// Ending subscriptions: at once, at their time, for want of payment, or because nobody paid the first invoice.

#include <string>
#include <string_view>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct Cancellation {
    bool prorates = false;
    bool invoices_now = false;
    std::string_view reason = "cancellation_requested";  // of cancellation_details; empty leaves what stands there
};

/// Ends the subscription now and sends customer.subscription.deleted.
void cancel_subscription(Call& call, std::string const& subscription, Cancellation const& how);
/// Its cancel_at has come: what is left is billed on a last invoice.
void end_at_its_time(Call& call, std::string const& subscription);
/// The first invoice stayed unpaid for 23 hours.
void expire_incomplete(Call& call, std::string const& subscription);

}  // namespace billhook::sandbox
