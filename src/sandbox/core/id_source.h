#pragma once
// Ids with Stripe's prefixes, from the sandbox's seed: the same seed and requests give the same ids.

#include <string>
#include <string_view>

#include "base/random.h"

namespace billhook::sandbox {

/// "cus_…" and "prod_…" are short, "cs_test_…" is long, all others have 24 characters after the prefix.
std::string make_id(RandomSource& random, std::string_view prefix);

}  // namespace billhook::sandbox
