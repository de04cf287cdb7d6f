#pragma once
// What coupons and promotion codes take off a Checkout Session before it is paid. They are redeemed at completion.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Lowers the lines and the total of an open session by what a `discounts` parameter lists.
Answer<void> discount_session(Call& call, std::string const& session, JsonArray const& wanted);
/// By the promotion code that the buyer typed on the page.
Answer<void> discount_session_by_code(Call& call, std::string const& session, std::string const& typed);
/// The session's discounts as a `discounts` parameter.
JsonArray session_discounts(JsonObject const& session);
/// Counts their redemption, where no subscription does it.
void redeem_session_discounts(Call& call, JsonObject const& session);

}  // namespace billhook::sandbox
