#include "domain/entitlement/check.h"

#include <algorithm>

namespace billhook::entitlement {
namespace {

bool grants(catalog::Plan const& plan, catalog::Feature const& feature, std::int64_t wanted) {
    auto const value = plan.features.find(feature.code);
    if (value == plan.features.end() || !value->second.is_enabled) return false;
    return feature.type == catalog::FeatureType::flag || !value->second.limit || *value->second.limit >= wanted;
}

/// The lowest plan of a line above `rank_min` that is for sale and bears enough.
catalog::Plan const* lowest_granting(catalog::Catalog const& catalog, catalog::ProductLine const& line,
                                     catalog::Feature const& feature, std::int64_t wanted, int rank_min) {
    for (auto const& code : line.plans) {
        auto const* plan = catalog.find_plan(code);
        if (plan && plan->rank > rank_min && plan->is_visible && code != line.default_plan &&
            grants(*plan, feature, wanted))
            return plan;
    }
    return nullptr;
}

int held_rank(catalog::Catalog const& catalog, Rights const& rights, catalog::ProductLine const& line) {
    auto const held = rights.lines.find(line.code);
    auto const* plan = held == rights.lines.end() ? nullptr : catalog.find_plan(held->second.plan);
    return plan ? plan->rank : INT32_MIN;
}

bool is_payment_matter(std::string_view reason) {
    return reason == "payment_required" || reason == "past_due_soft";
}

}  // namespace

char const* to_string(Access access) {
    switch (access) {
        case Access::full:
            return "full";
        case Access::soft_locked:
            return "soft_locked";
        case Access::locked:
            return "locked";
    }
    return "locked";
}

std::optional<UpgradeHint> find_upgrade(catalog::Catalog const& catalog, Rights const& rights,
                                        std::string_view feature_code, std::int64_t wanted) {
    auto const* feature = catalog.find_feature(feature_code);
    if (!feature) return std::nullopt;
    // A line that the customer already holds comes first: an upgrade is a smaller step than a new purchase.
    for (bool const is_held : {true, false}) {
        for (auto const& line : catalog.lines) {
            if (rights.lines.contains(line.code) != is_held) continue;
            auto const* plan = lowest_granting(catalog, line, *feature, wanted, held_rank(catalog, rights, line));
            if (plan) return UpgradeHint{line.code, plan->code};
        }
    }
    return std::nullopt;
}

Result<CheckAnswer> check(Rights const& rights, catalog::Catalog const& catalog, CheckRequest const& request,
                          std::optional<std::int64_t> used) {
    auto const found = rights.features.find(request.feature);
    if (found == rights.features.end())
        return fail(
            not_found("there is no feature '" + std::string(request.feature) + "' in the catalog", "unknown_feature"));
    FeatureEntitlement const& entitlement = found->second;
    CheckAnswer answer{.feature = found->first,
                       .type = entitlement.type,
                       .is_allowed = entitlement.is_allowed,
                       .reason = entitlement.reason,
                       .limit = entitlement.limit};
    if (used) {
        answer.used = used;
        if (answer.limit) answer.remaining = std::max<std::int64_t>(0, *answer.limit - *used);
    }
    std::int64_t const wanted = used.value_or(0) + request.amount;
    if (answer.is_allowed && answer.limit && entitlement.type != catalog::FeatureType::flag && wanted > *answer.limit) {
        answer.is_allowed = false;
        answer.reason = entitlement.type == catalog::FeatureType::metered ? "quota_exhausted" : "limit_reached";
    }
    if (!answer.is_allowed && !is_payment_matter(answer.reason))
        answer.upgrade = find_upgrade(catalog, rights, request.feature, wanted);
    return answer;
}

CheckAnswer answer_stale(CheckAnswer known, catalog::StalePolicy policy) {
    known.is_stale = true;
    if (policy == catalog::StalePolicy::last_known) return known;
    bool const is_open = policy == catalog::StalePolicy::open;
    known.is_allowed = is_open;
    known.reason = is_open ? "stale_open" : "stale_closed";
    return known;
}

Error refusal(CheckAnswer const& answer) {
    std::string const feature(answer.feature);
    Error error{ErrorKind::forbidden, std::string(answer.reason), "", ""};
    if (is_payment_matter(answer.reason)) {
        error.kind = ErrorKind::payment_required;
        error.detail = "The subscription has an unpaid invoice; pay it to use '" + feature + "'.";
    } else if (answer.reason == "limit_reached") {
        error.kind = ErrorKind::limit_reached;
        error.detail = "The limit of '" + feature + "' is reached.";
    } else if (answer.reason == "quota_exhausted") {
        error.kind = ErrorKind::quota_exhausted;
        error.detail = "The allowance of '" + feature + "' for this period is used up.";
    } else {
        error.detail = "The present plan does not include '" + feature + "'.";
    }
    error.extra["feature"] = feature;
    if (answer.limit) error.extra["limit"] = *answer.limit;
    if (answer.used) error.extra["used"] = *answer.used;
    if (answer.upgrade)
        error.extra["upgrade"] = {{"line", std::string(answer.upgrade->line)},
                                  {"plan", std::string(answer.upgrade->plan)}};
    return error;
}

}  // namespace billhook::entitlement
