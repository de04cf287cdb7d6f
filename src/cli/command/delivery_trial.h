#pragma once
// `doctor`'s last question: does an event that Stripe makes reach the inbox, by way of the registered endpoint?

#include <string>

#include "flow/command/register_webhook.h"

namespace billhook::cli {

struct DeliveryReport {
    bool has_arrived = false;
    std::string text;  // for people: what arrived, or what exactly failed and what to do
};

/// Provokes an event and waits for it, at most `wait`. `url` is the endpoint's address.
DeliveryReport try_delivery(flow::EndpointContext const& context, std::string const& url, Duration wait);

}  // namespace billhook::cli
