#pragma once
// What invoice lines say about the product that a price sells.

#include "sandbox/billing/line_text.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// A product deleted since keeps its name.
SoldThing sold_thing(Call& call, std::string const& product);

}  // namespace billhook::sandbox
