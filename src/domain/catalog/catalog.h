#pragma once
// What is sold and in which order: product lines, plans, prices, features. A value read from the catalog file; it never
// changes after it was made. Amounts stand only here and, after `catalog apply`, in Stripe.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "base/money.h"

namespace billhook::catalog {

/// flag: on or off. limit: a number that is compared or, as a gauge, allocated. metered: an allowance per period.
enum class FeatureType { flag, limit, metered };
char const* to_string(FeatureType type);

/// What a limit does to a downgrade when more is in use than the new plan allows (PRODUCT 2.12).
enum class OverLimitPolicy { block, freeze, release };
char const* to_string(OverLimitPolicy policy);

/// What a feature answers when its snapshot is older than the bound (PRODUCT 4.3).
enum class StalePolicy { open, closed, last_known };
char const* to_string(StalePolicy policy);

struct Feature {
    std::string code;
    std::string name;
    FeatureType type = FeatureType::flag;
    bool is_gauge = false;  // type limit only: allocate, release, set
    bool is_soft = false;   // goes first when a grace period ends (PRODUCT 2.10)
    OverLimitPolicy over_limit = OverLimitPolicy::freeze;
    StalePolicy when_stale = StalePolicy::last_known;
    auto operator<=>(Feature const&) const = default;
};

/// One plan's word on one feature. For a flag only is_enabled counts; for the others nullopt means unlimited.
struct FeatureValue {
    bool is_enabled = false;
    std::optional<std::int64_t> limit;
    auto operator<=>(FeatureValue const&) const = default;
};

struct Price {
    std::string lookup_key;                       // e.g. "tier_starter_month"
    IntervalUnit interval = IntervalUnit::month;  // month or year
    std::map<std::string, std::int64_t> amounts;  // minor units by lower-case currency code
    std::optional<std::string> stripe_price_id;   // given through ${VAR}; then Stripe's price is used as it is
    auto operator<=>(Price const&) const = default;
};

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
    auto operator<=>(Catalog const&) const = default;

    ProductLine const* find_line(std::string_view code) const;
    Plan const* find_plan(std::string_view code) const;
    Feature const* find_feature(std::string_view code) const;
    /// The plan and price that bear this lookup key; both null where there is none.
    struct Found {
        Plan const* plan = nullptr;
        Price const* price = nullptr;
    };
    Found find_by_lookup_key(std::string_view lookup_key) const;
};

}  // namespace billhook::catalog
