#pragma once
// What is sold and in which order: product lines, plans, prices, features, add-ons, meters. A value read from the
// catalog file; it never changes after it was made. Amounts stand only here and, after `catalog apply`, in Stripe.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "domain/catalog/add_on.h"
#include "domain/catalog/feature.h"
#include "domain/catalog/meter.h"
#include "domain/catalog/price.h"

namespace billhook::catalog {

struct Plan {
    std::string code;  // unique in the whole catalog
    std::string name;
    std::string line;
    int rank = 0;
    std::vector<Price> prices;
    std::map<std::string, FeatureValue> features;  // by feature code; absent = not part of the plan
    int trial_days = 0;
    bool trial_needs_card = true;
    bool is_self_service = true;  // false: contact sales
    bool is_visible = true;
    std::string description;
    std::vector<std::string> included_add_ons;  // codes; `all` in the file stands for every add-on of the line
    auto operator<=>(Plan const&) const = default;

    Price const* find_price(IntervalUnit interval) const;
};

struct ProductLine {
    std::string code;
    std::string name;
    std::vector<std::string> plans;  // plan codes by rising rank
    std::string default_plan;        // what a customer without subscription has; a plan without prices; may be empty
    auto operator<=>(ProductLine const&) const = default;
};

struct Catalog {
    std::string default_currency;  // lower case
    std::vector<std::string> currencies;
    int grace_days = 7;  // past_due: everything stays open for so long
    int soft_days = 7;   // then soft features are off for so long, then all
    std::vector<ProductLine> lines;
    std::map<std::string, Plan> plans;        // by code
    std::map<std::string, Feature> features;  // by code
    std::map<std::string, AddOn> add_ons;     // by code
    std::map<std::string, Meter> meters;      // by code
    auto operator<=>(Catalog const&) const = default;

    ProductLine const* find_line(std::string_view code) const;
    Plan const* find_plan(std::string_view code) const;
    Feature const* find_feature(std::string_view code) const;
    AddOn const* find_add_on(std::string_view code) const;
    /// The plan and price that bear this lookup key; both null where there is none.
    struct Found {
        Plan const* plan = nullptr;
        Price const* price = nullptr;
    };
    Found find_by_lookup_key(std::string_view lookup_key) const;
    /// The plan and price that a price of Stripe's stands for: the one that names it by its id, else the one that bears
    /// its lookup key and names no other.
    Found find_by_stripe_price(std::string_view stripe_price_id, std::string_view lookup_key) const;
};

}  // namespace billhook::catalog
