#include "domain/subscription/compare.h"

#include <gtest/gtest.h>

#include "domain/subscription/sample_test.h"

namespace billhook::subscription::compare_test {
namespace {

using enum Relation;
auto const month = IntervalUnit::month;
auto const year = IntervalUnit::year;

std::string codes(std::vector<FeatureChange> const& changes) {
    std::string out;
    for (auto const& change : changes) out += (out.empty() ? "" : " ") + change.feature;
    return out;
}

TEST(Compare, relation_and_effect_follow_rank_rhythm_and_quantity) {
    struct Case {
        char const* held;  // empty: nothing
        IntervalUnit held_interval;
        std::int64_t held_quantity;
        Target target;
        Relation relation;
        Effective effective;
    };
    Case const cases[] = {
        {"", month, 1, {"starter", month, 1}, new_plan, Effective::now},
        {"", month, 1, {"pro", year, 3}, new_plan, Effective::now},
        {"pro", month, 1, {"pro", month, 1}, same, Effective::now},
        {"pro", year, 2, {"pro", year, 2}, same, Effective::now},
        {"starter", month, 1, {"pro", month, 1}, upgrade, Effective::now},
        {"starter", month, 1, {"max", month, 1}, upgrade, Effective::now},
        {"starter", month, 1, {"pro", year, 1}, upgrade, Effective::now},
        {"starter", year, 1, {"pro", month, 1}, upgrade, Effective::now},
        {"starter", month, 5, {"pro", month, 1}, upgrade, Effective::now},
        {"pro", month, 1, {"starter", month, 1}, downgrade, Effective::period_end},
        {"max", month, 1, {"starter", year, 1}, downgrade, Effective::period_end},
        {"max", year, 1, {"pro", month, 9}, downgrade, Effective::period_end},
        {"pro", month, 1, {"pro", year, 1}, interval, Effective::now},
        {"pro", year, 1, {"pro", month, 1}, interval, Effective::period_end},
        {"pro", month, 1, {"pro", year, 4}, interval, Effective::now},
        {"pro", month, 1, {"pro", month, 2}, quantity, Effective::now},
        {"pro", month, 3, {"pro", month, 1}, quantity, Effective::now},
        {"a plan no longer sold", month, 1, {"starter", month, 1}, upgrade, Effective::now},
    };
    for (auto const& c : cases) {
        std::optional<Subscription> held;
        if (*c.held) held = sample::subscription(c.held, Status::active, c.held_interval, c.held_quantity);
        auto comparison = compare(sample::small_catalog(), held, c.target, {});
        ASSERT_TRUE(comparison);
        EXPECT_STREQ(to_string(comparison->relation), to_string(c.relation)) << c.held << " -> " << c.target.plan;
        EXPECT_STREQ(to_string(comparison->effective), to_string(c.effective)) << c.held << " -> " << c.target.plan;
    }
}

TEST(Compare, an_unknown_plan_is_not_found) {
    auto comparison = compare(sample::small_catalog(), sample::subscription(), {"gold", month, 1}, {});
    ASSERT_FALSE(comparison);
    EXPECT_EQ(comparison.error().kind, ErrorKind::not_found);
    EXPECT_EQ(comparison.error().reason, "unknown_plan");
}

TEST(Compare, gains_and_losses_by_feature) {
    struct Case {
        char const* held;
        char const* target;
        char const* gains;
        char const* losses;
    };
    Case const cases[] = {
        {"", "starter", "chat clients", ""},      {"", "max", "chat clients export sso", ""},
        {"starter", "pro", "clients export", ""}, {"starter", "max", "clients export sso", ""},
        {"pro", "starter", "", "clients export"}, {"max", "starter", "", "clients export sso"},
        {"max", "pro", "", "clients sso"},        {"pro", "pro", "", ""},
    };
    for (auto const& c : cases) {
        std::optional<Subscription> held;
        if (*c.held) held = sample::subscription(c.held);
        auto comparison = compare(sample::small_catalog(), held, {c.target, month, 1}, {}).value();
        EXPECT_EQ(codes(comparison.gains), c.gains) << c.held << " -> " << c.target;
        EXPECT_EQ(codes(comparison.losses), c.losses) << c.held << " -> " << c.target;
    }
}

TEST(Compare, a_first_plan_is_compared_with_what_the_line_gives_to_everybody) {
    auto catalog = sample::small_catalog();
    catalog.lines.front().default_plan = "starter";
    auto comparison = compare(catalog, std::nullopt, {"pro", month, 1}, {}).value();
    EXPECT_EQ(comparison.relation, new_plan);
    EXPECT_EQ(codes(comparison.gains), "clients export");
}

TEST(Compare, what_exceeds_the_target_names_use_limit_and_policy) {
    using enum catalog::OverLimitPolicy;
    struct Case {
        char const* target;
        std::int64_t used;
        catalog::OverLimitPolicy policy;
        bool exceeds;
        bool blocks;
    };
    Case const cases[] = {
        {"starter", 9, block, false, false},   {"starter", 10, block, true, true}, {"starter", 10, freeze, true, false},
        {"starter", 10, release, true, false}, {"pro", 20, block, false, false},   {"pro", 21, block, true, true},
        {"max", 5000, block, false, false},
    };
    for (auto const& c : cases) {
        auto catalog = sample::small_catalog();
        catalog.features["clients"].over_limit = c.policy;
        auto comparison =
            compare(catalog, sample::subscription("max"), {c.target, month, 1}, {{"clients", c.used}}).value();
        EXPECT_EQ(!comparison.exceeds.empty(), c.exceeds) << c.target << " " << c.used;
        EXPECT_EQ(comparison.blocking() != nullptr, c.blocks) << c.target << " " << c.used;
        if (c.exceeds) {
            EXPECT_EQ(comparison.exceeds.front().used, c.used);
        }
    }
}

TEST(Compare, a_limit_that_the_target_lacks_counts_as_zero) {
    auto catalog = sample::small_catalog();
    catalog.plans["starter"].features.erase("clients");
    auto comparison = compare(catalog, sample::subscription("pro"), {"starter", month, 1}, {{"clients", 1}}).value();
    ASSERT_EQ(comparison.exceeds.size(), 1u);
    EXPECT_EQ(comparison.exceeds.front().limit, 0);
}

}  // namespace
}  // namespace billhook::subscription::compare_test
