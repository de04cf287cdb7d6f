#pragma once
// How a finalized invoice's total meets the customer balance (negative: credit, positive: owed), and the least amount
// that can be charged. Source: Stripe, "Customer credit balance"; "Supported currencies", minimum charge amounts.

#include <cstdint>
#include <string_view>

namespace billhook::sandbox {

struct Settlement {
    std::int64_t due = 0;
    std::int64_t balance_after = 0;
};

/// What cannot be charged stays in the balance: a negative total, and an amount under the minimum.
Settlement settle(std::int64_t total, std::int64_t balance, std::int64_t minimum_charge);

/// In the currency's minor unit; 0 for currencies without a published minimum.
std::int64_t minimum_charge(std::string_view currency);

}  // namespace billhook::sandbox
