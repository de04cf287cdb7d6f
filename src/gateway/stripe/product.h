#pragma once
// Product, Price and Discount as Stripe describes them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/timestamp.h"
#include "gateway/stripe/metadata.h"

namespace billhook::stripe {

struct Product {
    std::string id;
    std::string name;
    std::string description;
    std::string unit_label;
    std::string default_price_id;
    bool is_active = false;
    bool is_deleted = false;
    Metadata metadata;
    Timestamp created;
    bool operator==(Product const&) const = default;
};

struct Price {
    std::string id;
    std::string lookup_key;  // empty where there is none
    std::string product_id;
    std::optional<Product> product;  // where it was expanded
    std::string currency;
    std::optional<std::int64_t> unit_amount;               // absent for tiered and sub-unit prices
    std::map<std::string, std::int64_t> currency_options;  // unit amounts by currency; empty unless expanded
    std::string interval;                                  // day, week, month, year; empty for a one-time price
    std::int64_t interval_count = 1;
    bool is_metered = false;
    std::string meter_id;
    std::string nickname;
    std::string tax_behavior;
    bool is_active = false;
    bool is_deleted = false;
    Metadata metadata;
    Timestamp created;
    bool operator==(Price const&) const = default;
};

struct Discount {
    std::string id;
    std::string coupon_id;
    std::string promotion_code_id;
    std::optional<Timestamp> end;
    bool operator==(Discount const&) const = default;
};

// Errors: `unavailable` "stripe_answer_not_understood" where the tree is not such an object or has no id.
Result<Product> parse_product(Json const& tree);
Result<Price> parse_price(Json const& tree);
/// An id alone gives a Discount with nothing but its id.
Discount parse_discount(Json const& tree);

}  // namespace billhook::stripe
