#pragma once
// Leaving and coming back: cancel at period end or at once, and taking the cancellation back before it happens.

#include "domain/subscription/request.h"
#include "flow/command/context.h"
#include "flow/command/subscription_view.h"

namespace billhook::flow {

struct CancelRequest {
    Asker asker;
    std::string line;
    subscription::CancelWish wish;
};

/// Asking for what is already so answers with the present state. Errors: conflict as decision 0010 says; forbidden
/// "operator_only" for a cancellation at once by a customer.
Result<SubscriptionView> cancel_subscription(CommandContext const& context, CancelRequest const& request);

Result<SubscriptionView> resume_subscription(CommandContext const& context, Asker const& asker,
                                             std::string const& line);

}  // namespace billhook::flow
