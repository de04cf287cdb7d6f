#pragma once
// What a change costs, in Stripe's own words: previews of the invoice that it would cause and of the one after it.

#include <optional>
#include <string>

#include "domain/subscription/intent.h"
#include "domain/subscription/quote.h"

namespace billhook::stripe {
class Client;
}

namespace billhook::flow {

/// The change as Stripe would be asked for it.
struct QuoteWish {
    subscription::Subscription held;
    subscription::Target target;
    subscription::Effective effective = subscription::Effective::now;
    std::string stripe_customer_id;
    std::string price;         // Stripe's id of the target's; empty: the one held stays
    Timestamp proration_date;  // a whole second
};

/// Asks Stripe and changes nothing.
Result<subscription::Quote> quote_change(stripe::Client const& stripe, QuoteWish const& wish);

/// A quote as an intent carries it, so that everybody who joins or repeats the wish is told the same.
JsonObject to_parameter(subscription::Quote const& quote);
/// nullopt where the intent carries none.
std::optional<subscription::Quote> quote_of(subscription::Intent const& intent);

}  // namespace billhook::flow
