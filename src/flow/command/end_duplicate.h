#pragma once
// What two subscriptions of one line lead to, once both have been read at Stripe.

#include <string>

#include "flow/command/context.h"

namespace billhook::flow {

struct DuplicatePair {
    CustomerId customer;
    std::string line;
    std::string earlier;  // Stripe's ids
    std::string later;
};

/// Ends the one too many with a full refund, tells the operator and refuses the purchase that led to it; writes down
/// how both stand. The later one goes, or the earlier where its first payment was never made. Where the earlier has
/// ended by itself nothing is cancelled: the later took a line that was free. May be done again at any time.
Status end_duplicate(CommandContext const& context, DuplicatePair const& pair);

}  // namespace billhook::flow
