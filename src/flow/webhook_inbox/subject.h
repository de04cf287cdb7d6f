#pragma once
// The subject of an event: what it is about, so that the events of one subject are handled in turn and those of
// different subjects side by side.

#include <string>

#include "gateway/stripe/event.h"

namespace billhook::flow {

/// The Stripe customer wherever the event names one, since all that we project hangs on the customer; else the product
/// of a price, the payment of a refund or dispute, the object itself; else the type. Never empty.
std::string subject_of(stripe::Event const& event);

}  // namespace billhook::flow
