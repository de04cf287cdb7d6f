#pragma once
// What one look at Stripe makes of the invoice that we keep: the newest decides, as for subscriptions.

#include <optional>

#include "domain/invoice/invoice.h"
#include "domain/subscription/project.h"

namespace billhook::invoice {

enum class Effect {
    fresh,      // what was observed is to be kept
    stale,      // it tells nothing new
    ask_again,  // what is known bears a later time and differs: clocks differ, so a further read must tell
};

/// `observed` is the same invoice, with its customer.
Effect project(std::optional<Invoice> const& known, Invoice const& observed, subscription::LookTime const& look);

}  // namespace billhook::invoice
