#pragma once
// Stripe's two modes. A key sees the objects of its own mode alone, so an event of the other one is about nothing that
// could be read.

#include <string_view>

#include "base/result.h"
#include "gateway/stripe/event.h"

namespace billhook::stripe {

/// Error unavailable "other_mode": worth a retry, since the key may be the mistake. A key that does not tell its mode
/// takes both.
Status check_mode(Event const& event, std::string_view api_key);

}  // namespace billhook::stripe
