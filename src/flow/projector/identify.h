#pragma once
// Whose an object of Stripe is: by our id in its metadata, or by a Stripe id that we stored. Never by an e-mail
// address.

#include <optional>
#include <string>

#include "flow/projector/look.h"
#include "store/store.h"

namespace billhook::flow {

/// nullopt: nobody of ours. An origin that names the customer is believed.
Result<std::optional<CustomerId>> identify_customer(store::Reader& reader, stripe::Subscription const& from,
                                                    Origin const& origin);
Result<std::optional<CustomerId>> identify_customer(store::Reader& reader, stripe::Metadata const& metadata,
                                                    std::string const& stripe_customer_id, Origin const& origin);

}  // namespace billhook::flow
