#pragma once
// A link to Stripe's customer portal.

#include <string>

#include "flow/command/context.h"

namespace billhook::flow {

struct PortalRequest {
    Asker asker;
    std::string return_url;  // empty: the setting
    std::string flow;  // empty: the home page; else payment_method_update, subscription_cancel, subscription_update
    std::string line;  // which subscription the flow is about; empty: the only one
};

/// The address opens the portal to its holder: hand it over, never store or log it. Errors: not_found
/// "unknown_customer", conflict "no_subscription".
Result<std::string> open_portal(CommandContext const& context, PortalRequest const& request);

}  // namespace billhook::flow
