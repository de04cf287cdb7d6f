#include "domain/subscription/compare.h"

#include <set>

namespace billhook::subscription {

char const* to_string(Relation relation) {
    switch (relation) {
        case Relation::new_plan:
            return "new";
        case Relation::same:
            return "same";
        case Relation::upgrade:
            return "upgrade";
        case Relation::downgrade:
            return "downgrade";
        case Relation::interval:
            return "interval";
        case Relation::quantity:
            return "quantity";
    }
    return "";
}

char const* to_string(Effective effective) {
    return effective == Effective::now ? "now" : "period_end";
}

std::optional<Effective> parse_effective(std::string_view word) {
    if (word == "now") return Effective::now;
    if (word == "period_end") return Effective::period_end;
    return std::nullopt;
}

Excess const* Comparison::blocking() const {
    for (auto const& excess : exceeds)
        if (excess.policy == catalog::OverLimitPolicy::block) return &excess;
    return nullptr;
}

namespace {

using catalog::FeatureType;
using catalog::FeatureValue;

Relation relate(catalog::Plan const* current, Subscription const& held, catalog::Plan const& plan,
                Target const& target) {
    // Another plan of equal rank is taken at once, like an upgrade: nothing says that it is less.
    if (held.plan != plan.code) return current && plan.rank < current->rank ? Relation::downgrade : Relation::upgrade;
    if (held.interval != target.interval) return Relation::interval;
    return plan_quantity(held) == target.quantity ? Relation::same : Relation::quantity;
}

Effective effective_of(Relation relation, Subscription const& held, Target const& target) {
    if (relation == Relation::downgrade) return Effective::period_end;
    // The longer period has been paid for; the shorter one begins when it is over.
    if (relation == Relation::interval && target.interval < held.interval) return Effective::period_end;
    return Effective::now;
}

std::optional<FeatureValue> value_in(catalog::Plan const* plan, std::string const& feature) {
    if (!plan) return std::nullopt;
    auto found = plan->features.find(feature);
    if (found == plan->features.end()) return std::nullopt;
    return found->second;
}

/// -1, 0 or 1: what the second value is to the first in the customer's eyes.
int direction(FeatureType type, std::optional<FeatureValue> const& before, std::optional<FeatureValue> const& after) {
    if (type == FeatureType::flag) return int(after && after->is_enabled) - int(before && before->is_enabled);
    if (!before || !after) return int(after.has_value()) - int(before.has_value());
    if (before->limit == after->limit) return 0;
    if (!after->limit) return 1;
    if (!before->limit) return -1;
    return *after->limit > *before->limit ? 1 : -1;
}

std::optional<Excess> excess_of(catalog::Feature const& feature, std::optional<FeatureValue> const& after,
                                std::map<std::string, std::int64_t> const& used) {
    auto found = used.find(feature.code);
    if (feature.type != FeatureType::limit || found == used.end()) return std::nullopt;
    if (after && !after->limit) return std::nullopt;
    std::int64_t limit = after ? *after->limit : 0;
    if (found->second <= limit) return std::nullopt;
    return Excess{feature.code, found->second, limit, feature.over_limit};
}

/// The plan held, else what the line gives to everybody.
catalog::Plan const* plan_in_force(catalog::Catalog const& catalog, std::optional<Subscription> const& held,
                                   std::string const& line) {
    if (held) return catalog.find_plan(held->plan);
    auto const* found = catalog.find_line(line);
    return found && !found->default_plan.empty() ? catalog.find_plan(found->default_plan) : nullptr;
}

}  // namespace

Result<Comparison> compare(catalog::Catalog const& catalog, std::optional<Subscription> const& held,
                           Target const& target, std::map<std::string, std::int64_t> const& used) {
    auto const* plan = catalog.find_plan(target.plan);
    if (!plan)
        return fail(not_found("There is no plan '" + target.plan + "'; the pricing page lists them.", "unknown_plan"));
    auto const* current = plan_in_force(catalog, held, plan->line);
    Comparison comparison;
    if (held) {
        comparison.relation = relate(current, *held, *plan, target);
        comparison.effective = effective_of(comparison.relation, *held, target);
    }
    for (auto const& [code, feature] : catalog.features) {
        auto before = value_in(current, code);
        auto after = value_in(plan, code);
        int way = direction(feature.type, before, after);
        if (way > 0) comparison.gains.push_back({code, before, after});
        if (way < 0) comparison.losses.push_back({code, before, after});
        if (auto excess = excess_of(feature, after, used)) comparison.exceeds.push_back(*excess);
    }
    return comparison;
}

}  // namespace billhook::subscription
