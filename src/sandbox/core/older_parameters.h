#pragma once
// Parameters that older API versions had, said in the words of the sandbox's own version. A program that was written
// for one of them names it in Stripe-Version, or relies on its account's default and names none, as Stripe's CLI does;
// in both cases the older words are understood. Who names a version without them is refused, as at Stripe.

#include <string_view>

#include "base/json.h"
#include "sandbox/core/object_store.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

/// `raw` is the request's tree of texts; what cannot be translated stays as it is, and is then unknown.
void translate_older_parameters(ObjectStore const& store, Operation const& operation, std::string_view version,
                                JsonObject& raw);

}  // namespace billhook::sandbox
