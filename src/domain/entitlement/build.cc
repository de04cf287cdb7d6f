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

Snapshot build_snapshot(CustomerId const& customer, std::vector<subscription::Subscription> const& subscriptions,
                        catalog::Catalog const& catalog, Timestamp now) {
    GracePolicy const policy{Duration::days(catalog.grace_days), Duration::days(catalog.soft_days)};
    Snapshot snapshot{.customer = customer, .as_of = now};
    std::vector<Source> sources;
    for (auto const& held : subscriptions) {
        if (subscription::has_ended(held.status)) continue;
        AccessDecision const decision = decide_access(held, policy, now);
        snapshot.lines[held.line] = {held.plan, held.status, held.current_period.end, decision.access,
                                     decision.changes_at};
        if (decision.changes_at && (!snapshot.valid_until || *decision.changes_at < *snapshot.valid_until))
            snapshot.valid_until = decision.changes_at;
        if (auto const* plan = catalog.find_plan(held.plan))
            sources.push_back({plan, decision.access, decision.reason});
    }
    for (auto const& line : catalog.lines) {
        bool const is_held = std::ranges::any_of(
            sources, [&](Source const& s) { return s.plan->line == line.code && s.access != Access::locked; });
        if (is_held || line.default_plan.empty()) continue;
        if (auto const* plan = catalog.find_plan(line.default_plan))
            sources.push_back({plan, Access::full, "default_plan"});
    }
    for (auto const& [code, feature] : catalog.features) snapshot.features[code] = decide(feature, sources);
    return snapshot;
}

}  // namespace billhook::entitlement
