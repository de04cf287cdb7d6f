#pragma once
// Coupons and promotion codes as other operations use them.

#include <cstdint>
#include <optional>
#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Whether a coupon can be redeemed at this time: not past redeem_by, not used up.
bool is_valid(JsonObject const& coupon, std::int64_t now);
/// The coupon if it can be redeemed now, else Stripe's refusal naming the parameter.
Answer<JsonObject const*> need_valid_coupon(Call& call, std::string const& id, std::string const& param);
/// Counts one redemption, of the promotion code too where one was used (empty: none).
void redeem(Call& call, std::string const& coupon, std::string const& promotion_code);

/// Whether a promotion code can be redeemed at this time, its coupon included.
bool is_active(World& world, JsonObject const& promotion_code, std::int64_t now);
/// What a discount is wanted for, as far as promotion codes ask.
struct Purchase {
    std::int64_t amount = 0;  // before discounts
    std::string currency = {};
};
/// The promotion code if this customer (empty: a new one) can redeem it now, its restrictions included; the minimum
/// amount is asked for only where something is being bought.
Answer<JsonObject const*> need_active_promotion_code(Call& call, std::string const& id, std::string const& customer,
                                                     std::optional<Purchase> const& purchase, std::string const& param);
/// By what a customer types; case does not matter. nullptr where no active code is spelt so.
JsonObject const* find_promotion_code(World& world, std::string const& code, std::string const& customer,
                                      std::int64_t now);

}  // namespace billhook::sandbox
