#pragma once
// The subject of an event: what it is about, so that the events of one subject are handled in turn and those of
// different subjects side by side.

#include <string_view>

namespace billhook::flow {

/// What an event names, as far as its subject may be among it; empty where it does not.
struct NamedObjects {
    std::string_view type;  // of the event
    std::string_view kind, id;
    std::string_view customer, customer_before, product, payment_intent, charge;
};

/// The Stripe customer wherever the event names one, since all that we project hangs on the customer; else the product
/// of a price, the payment of a refund or dispute, the object itself; else the type.
std::string_view subject_of(NamedObjects const& named);

}  // namespace billhook::flow
