#include "domain/entitlement/check.h"

#include <gtest/gtest.h>

#include "domain/entitlement/build.h"

namespace billhook::entitlement::check_test {
namespace {

using catalog::FeatureType;
using subscription::Status;

constexpr Timestamp now{1'750'000'000'000};

catalog::Catalog two_lines() {
    catalog::Catalog catalog;
    catalog.features["analytics"] = {.code = "analytics", .type = FeatureType::flag};
    catalog.features["export"] = {.code = "export", .type = FeatureType::flag, .is_soft = true};
    catalog.features["clients"] = {.code = "clients", .type = FeatureType::limit, .is_gauge = true};
    catalog.features["tokens"] = {.code = "tokens", .type = FeatureType::metered};
    catalog.lines = {{.code = "tier", .plans = {"free", "starter", "pro"}, .default_plan = "free"},
                     {.code = "ai", .plans = {"ai_basic"}}};
    catalog.plans["free"] = {.code = "free", .line = "tier", .features = {{"clients", {true, 1}}}};
    catalog.plans["starter"] = {
        .code = "starter", .line = "tier", .rank = 1, .features = {{"clients", {true, 9}}, {"export", {true, {}}}}};
    catalog.plans["pro"] = {.code = "pro",
                            .line = "tier",
                            .rank = 2,
                            .features = {{"clients", {true, {}}}, {"analytics", {true, {}}}, {"export", {true, {}}}}};
    catalog.plans["ai_basic"] = {
        .code = "ai_basic", .line = "ai", .rank = 1, .features = {{"tokens", {true, 1000}}, {"clients", {true, 3}}}};
    return catalog;
}

subscription::Subscription held(std::string line, std::string plan, Status status) {
    subscription::Subscription subscription;
    subscription.line = std::move(line);
    subscription.plan = std::move(plan);
    subscription.status = status;
    subscription.past_due_since = now - Duration::days(8);
    return subscription;
}

struct Case {
    char const* name;
    std::vector<subscription::Subscription> subscriptions;
    char const* feature;
    std::int64_t amount;
    std::optional<std::int64_t> used;
    bool is_allowed;
    char const* reason;
    std::optional<std::int64_t> remaining;
    std::optional<UpgradeHint> upgrade;
};

TEST(Check, TableOfCases) {
    auto const catalog = two_lines();
    auto const starter = held("tier", "starter", Status::active);
    auto const pro = held("tier", "pro", Status::active);
    auto const ai = held("ai", "ai_basic", Status::trialing);
    std::vector<Case> const cases = {
        {"flag in plan", {pro}, "analytics", 1, {}, true, "active", {}, {}},
        {"flag missing", {starter}, "analytics", 1, {}, false, "not_in_plan", {}, UpgradeHint{"tier", "pro"}},
        {"no subscription", {}, "analytics", 1, {}, false, "not_in_plan", {}, UpgradeHint{"tier", "pro"}},
        {"gauge below", {starter}, "clients", 1, 8, true, "active", 1, {}},
        {"gauge exactly full after", {starter}, "clients", 2, 8, false, "limit_reached", 1, UpgradeHint{"tier", "pro"}},
        {"gauge full", {starter}, "clients", 1, 9, false, "limit_reached", 0, UpgradeHint{"tier", "pro"}},
        {"gauge over, nothing more wanted",
         {starter},
         "clients",
         0,
         12,
         false,
         "limit_reached",
         0,
         UpgradeHint{"tier", "pro"}},
        {"unlimited", {pro}, "clients", 1000, 100000, true, "active", {}, {}},
        {"default plan", {}, "clients", 1, 0, true, "default_plan", 1, {}},
        {"default plan full", {}, "clients", 1, 1, false, "limit_reached", 0, UpgradeHint{"tier", "starter"}},
        {"two lines, larger limit wins", {starter, ai}, "clients", 1, 5, true, "active", 4, {}},
        {"other line", {ai}, "tokens", 1, {}, true, "trial", {}, {}},
        {"more than the allowance", {ai}, "tokens", 1001, {}, false, "quota_exhausted", {}, {}},
        {"unpaid locks", {held("tier", "pro", Status::unpaid)}, "analytics", 1, {}, false, "payment_required", {}, {}},
        {"soft goes first", {held("tier", "pro", Status::past_due)}, "export", 1, {}, false, "past_due_soft", {}, {}},
        {"hard stays", {held("tier", "pro", Status::past_due)}, "analytics", 1, {}, true, "past_due_soft", {}, {}},
        {"ended is as none", {held("tier", "pro", Status::canceled)}, "clients", 1, 0, true, "default_plan", 1, {}},
        {"plan unknown to the catalog",
         {held("tier", "gone", Status::active)},
         "clients",
         1,
         0,
         true,
         "default_plan",
         1,
         {}},
    };
    for (auto const& c : cases) {
        auto const holding = hold_plans(c.subscriptions, grace_policy(catalog), now);
        auto const rights = derive_rights(holding.lines, catalog);
        auto const answer = check(rights, catalog, {c.feature, c.amount}, c.used);
        ASSERT_TRUE(answer) << c.name;
        EXPECT_EQ(answer->is_allowed, c.is_allowed) << c.name;
        EXPECT_EQ(answer->reason, c.reason) << c.name;
        EXPECT_EQ(answer->remaining, c.remaining) << c.name;
        EXPECT_EQ(answer->upgrade, c.upgrade) << c.name;
    }
}

TEST(Check, UnknownFeatureIsNotFound) {
    auto const catalog = two_lines();
    auto const rights = derive_rights({}, catalog);
    auto const answer = check(rights, catalog, {"nope"}, std::nullopt);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::not_found);
    EXPECT_EQ(answer.error().reason, "unknown_feature");
}

TEST(Check, StaleAnswersByEachFeaturesPolicy) {
    CheckAnswer const allowed{.feature = "analytics", .is_allowed = true, .reason = "active"};
    EXPECT_TRUE(answer_stale(allowed, catalog::StalePolicy::last_known).is_allowed);
    EXPECT_TRUE(answer_stale(allowed, catalog::StalePolicy::open).is_allowed);
    EXPECT_FALSE(answer_stale(allowed, catalog::StalePolicy::closed).is_allowed);
    EXPECT_TRUE(answer_stale(allowed, catalog::StalePolicy::closed).is_stale);
    CheckAnswer const refused{.feature = "analytics", .reason = "not_in_plan"};
    EXPECT_TRUE(answer_stale(refused, catalog::StalePolicy::open).is_allowed);
    EXPECT_FALSE(answer_stale(refused, catalog::StalePolicy::last_known).is_allowed);
}

TEST(Check, RefusalsCarryTheirKind) {
    auto const kind = [](char const* reason) { return refusal({.feature = "f", .reason = reason}).kind; };
    EXPECT_EQ(kind("not_in_plan"), ErrorKind::forbidden);
    EXPECT_EQ(kind("limit_reached"), ErrorKind::limit_reached);
    EXPECT_EQ(kind("quota_exhausted"), ErrorKind::quota_exhausted);
    EXPECT_EQ(kind("payment_required"), ErrorKind::payment_required);
    EXPECT_EQ(kind("past_due_soft"), ErrorKind::payment_required);
}

}  // namespace
}  // namespace billhook::entitlement::check_test
