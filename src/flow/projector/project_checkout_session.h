#pragma once
// Writes down how a Checkout Session stands. One that has been completed or has expired never opens again; one that
// expires ends the purchase that opened it.

#include <string>

#include "flow/projector/context.h"
#include "flow/projector/look.h"
#include "store/checkout_session_store.h"

namespace billhook::flow {

/// `reason` is what an expired session's intent ends with: "checkout_expired", or "replaced" by a new one.
/// False where it is nobody's of ours; nothing was written then.
Result<bool> project_checkout_session(store::Writer& writer, ProjectorContext const& context,
                                      stripe::CheckoutSession const& from, Origin const& origin,
                                      std::string const& reason = "checkout_expired");

/// A page of ours on which a customer left a card: the outbox is promised to make it the default, once.
Status promise_payment_method(store::Writer& writer, ProjectorContext const& context,
                              stripe::CheckoutSession const& from);

}  // namespace billhook::flow
