#pragma once
// What a change costs, in Stripe's own words: previews of the invoice that it would cause and of the one after it.

#include <optional>

#include "flow/command/change_plan.h"
#include "flow/price_book.h"

namespace billhook::stripe {
class Client;
}

namespace billhook::flow {

/// The change as Stripe would be asked for it.
struct QuoteWish {
    subscription::Subscription held;
    subscription::Target target;
    std::string stripe_customer_id;
    std::string price;  // Stripe's id of the target's
    Timestamp proration_date;
    Timestamp now;
};

/// An interval change begins a new period now; in a trial nothing is paid and its end stays.
bool begins_new_period(subscription::Subscription const& held, subscription::Target const& target);

/// Fills amounts, next invoice and the proration date of a change that takes effect now.
Status quote_now(stripe::Client const& stripe, QuoteWish const& wish, ChangeView& view);
/// Fills the next invoice of a change that waits for the end of the period.
Status quote_at_period_end(stripe::Client const& stripe, QuoteWish const& wish, ChangeView& view);

}  // namespace billhook::flow
