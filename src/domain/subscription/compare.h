#pragma once
// How a wished plan stands to the one that is held (PRODUCT 2.3): by rank within a product line, with what the customer
// would gain, lose and have too much of. It knows no payment: amounts come from Stripe's preview.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/catalog/catalog.h"
#include "domain/subscription/subscription.h"

namespace billhook::subscription {

enum class Relation {
    new_plan,  // "new": nothing of this line is held
    same,
    upgrade,
    downgrade,
    interval,  // the same plan, paid in another rhythm
    quantity,  // the same plan and rhythm, more or fewer of it
};
char const* to_string(Relation relation);

/// When a change takes effect.
enum class Effective { now, period_end };
char const* to_string(Effective effective);
std::optional<Effective> parse_effective(std::string_view word);

struct FeatureChange {
    std::string feature;
    std::optional<catalog::FeatureValue> before;  // nullopt: not part of the plan held
    std::optional<catalog::FeatureValue> after;   // nullopt: not part of the target
    auto operator<=>(FeatureChange const&) const = default;
};

struct Excess {
    std::string feature;
    std::int64_t used = 0;
    std::int64_t limit = 0;
    catalog::OverLimitPolicy policy = catalog::OverLimitPolicy::freeze;
    auto operator<=>(Excess const&) const = default;
};

struct Comparison {
    Relation relation = Relation::new_plan;
    Effective effective = Effective::now;  // as a customer gets it by default
    std::vector<FeatureChange> gains;      // by feature code
    std::vector<FeatureChange> losses;
    std::vector<Excess> exceeds;
    auto operator<=>(Comparison const&) const = default;

    /// The first limit whose policy forbids the change; null where none does.
    Excess const* blocking() const;
};

/// The plan, rhythm and quantity that are wished for.
struct Target {
    std::string plan;
    IntervalUnit interval = IntervalUnit::month;
    std::int64_t quantity = 1;
    auto operator<=>(Target const&) const = default;
};

/// `held` is the live subscription of the target's line, if any; `used` the customer's present use by feature code.
/// Errors: not_found "unknown_plan".
Result<Comparison> compare(catalog::Catalog const& catalog, std::optional<Subscription> const& held,
                           Target const& target, std::map<std::string, std::int64_t> const& used);

}  // namespace billhook::subscription
