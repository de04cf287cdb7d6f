#include "domain/entitlement/build.h"

#include <algorithm>

namespace billhook::entitlement {
namespace {

struct Source {
    catalog::Plan const* plan = nullptr;
    Access access = Access::locked;
    std::string_view reason;
};

/// Is `candidate` more than `best`? An allowed answer beats a refused one; among allowed ones the limit decides.
bool is_more_generous(FeatureEntitlement const& candidate, FeatureEntitlement const& best) {
    if (candidate.is_allowed != best.is_allowed) return candidate.is_allowed;
    if (!candidate.is_allowed || candidate.type == catalog::FeatureType::flag) return false;
    if (!best.limit) return false;
    return !candidate.limit || *candidate.limit > *best.limit;
}

FeatureEntitlement from_plan(catalog::Feature const& feature, Source const& source) {
    FeatureEntitlement entitlement{.type = feature.type, .line = source.plan->line, .plan = source.plan->code};
    auto const value = source.plan->features.find(feature.code);
    bool const is_open = source.access == Access::full || (source.access == Access::soft_locked && !feature.is_soft);
    if (value == source.plan->features.end() || !value->second.is_enabled) {
        entitlement.reason = "not_in_plan";
        entitlement.limit = 0;
    } else if (!is_open) {
        entitlement.reason = source.reason;
        entitlement.limit = 0;
    } else {
        entitlement.is_allowed = true;
        entitlement.reason = source.reason;
        entitlement.limit = value->second.limit;
    }
    if (feature.type == catalog::FeatureType::flag) entitlement.limit.reset();
    return entitlement;
}

FeatureEntitlement decide(catalog::Feature const& feature, std::vector<Source> const& sources) {
    FeatureEntitlement best{.type = feature.type, .reason = "no_subscription"};
    if (feature.type != catalog::FeatureType::flag) best.limit = 0;
    bool is_first = true;
    for (auto const& source : sources) {
        FeatureEntitlement candidate = from_plan(feature, source);
        // A plan that bears the feature but is closed explains a refusal better than a plan that lacks it.
        bool const explains_better =
            !best.is_allowed && best.reason == "not_in_plan" && candidate.reason != best.reason;
        if (is_first || is_more_generous(candidate, best) || explains_better) best = std::move(candidate);
        is_first = false;
    }
    return best;
}

}  // namespace

Holding hold_plans(std::vector<subscription::Subscription> const& subscriptions, GracePolicy const& policy,
                   Timestamp now) {
    Holding holding;
    std::map<std::string_view, Timestamp> ends;
    for (auto const& held : subscriptions) {
        if (subscription::has_ended(held.status)) continue;
        AccessDecision const decision = decide_access(held, policy, now);
        holding.lines[held.line] = {held.plan, held.status, decision.access, std::string(decision.reason)};
        ends[held.line] = held.current_period.end;
        if (decision.changes_at && (!holding.valid_until || *decision.changes_at < *holding.valid_until))
            holding.valid_until = decision.changes_at;
    }
    for (auto const& [line, end] : ends) holding.period_ends.push_back(end);
    return holding;
}

GracePolicy grace_policy(catalog::Catalog const& catalog) {
    return {Duration::days(catalog.grace_days), Duration::days(catalog.soft_days)};
}

Rights derive_rights(PlansHeld const& lines, catalog::Catalog const& catalog) {
    std::vector<Source> sources;
    for (auto const& [line, held] : lines)
        if (auto const* plan = catalog.find_plan(held.plan)) sources.push_back({plan, held.access, held.reason});
    for (auto const& line : catalog.lines) {
        bool const is_held = std::ranges::any_of(
            sources, [&](Source const& s) { return s.plan->line == line.code && s.access != Access::locked; });
        if (is_held || line.default_plan.empty()) continue;
        if (auto const* plan = catalog.find_plan(line.default_plan))
            sources.push_back({plan, Access::full, "default_plan"});
    }
    Rights rights{.lines = lines, .features = {}};
    for (auto const& [code, feature] : catalog.features) rights.features[code] = decide(feature, sources);
    return rights;
}

}  // namespace billhook::entitlement
