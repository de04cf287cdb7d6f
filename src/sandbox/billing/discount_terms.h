#pragma once
// Discounts as values, and what they take off the lines of an invoice: in their order, each on what the one before has
// left, never below zero. A percentage is rounded on each line; a fixed amount is spread over the lines.

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace billhook::sandbox {

struct DiscountTerms {
    std::string id;
    std::string item = {};                   // only lines of this subscription item; empty: all
    std::vector<std::string> products = {};  // only lines of these; empty: all
    std::int64_t percent_millionths = 0;     // 12.5 % = 125 000; or else
    std::int64_t amount_off = 0;
};

struct DiscountableLine {
    std::int64_t amount = 0;
    std::string item = {};
    std::string product = {};
};

/// From a stored coupon, in the currency of the invoice. A fixed amount in another currency takes nothing off.
DiscountTerms discount_terms(std::string id, JsonObject const& coupon, std::string const& currency);

/// taken[line][discount]
std::vector<std::vector<std::int64_t>> apply_discounts(std::vector<DiscountableLine> const& lines,
                                                       std::vector<DiscountTerms> const& discounts);

}  // namespace billhook::sandbox
