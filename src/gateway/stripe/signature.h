#pragma once
// The signature of a webhook: proof that the raw body came from Stripe and is recent. Verified before anything parses
// the body. Source: Stripe, "Verify webhook signatures manually".

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"

namespace billhook::stripe {

inline constexpr Duration signature_tolerance_default = Duration::minutes(5);

/// Any v1 value that matches any secret will do: during a rotation there are two of each. Secrets that are empty or
/// blank never match. A tolerance of zero accepts any age. Errors are `invalid` with field "Stripe-Signature" and one
/// of the reasons signature_missing, signature_malformed, signature_without_v1, signature_mismatch, signature_too_old,
/// signature_from_the_future; or `unavailable` "webhook_secret_missing" where no usable secret is known.
Status verify_signature(std::string_view raw_body, std::string_view header, std::vector<std::string> const& secrets,
                        Duration tolerance, Timestamp now);

}  // namespace billhook::stripe
