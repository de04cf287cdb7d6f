#include "flow/projector/translate.h"

#include <gtest/gtest.h>

namespace billhook::flow::translate_test {
namespace {

catalog::Catalog two_lines() {
    catalog::Catalog catalog;
    for (auto const& [line, code] :
         {std::pair("tier", "pro"), std::pair("tier", "starter"), std::pair("ai", "ai_plus")}) {
        catalog::Plan plan{.code = code, .name = code, .line = line};
        plan.prices = {{plan.code + "_month", IntervalUnit::month, {{"eur", 100}}, {}}};
        catalog.plans[code] = plan;
    }
    catalog.plans["starter"].prices.push_back({"starter_year", IntervalUnit::year, {}, "price_named"});
    return catalog;
}

PriceBook const prices({{"price_pro", "eur", "pro_month", "prod_1", "pro", IntervalUnit::month, 100, true},
                        {"price_old", "eur", "pro_month", "prod_1", "pro", IntervalUnit::year, 90, false},
                        {"price_ai", "eur", "ai_plus_month", "prod_2", "ai_plus", IntervalUnit::month, 50, true}});

stripe::SubscriptionItem item(std::string id, std::string price, std::string lookup_key = "") {
    stripe::SubscriptionItem out;
    out.id = std::move(id);
    out.price.id = std::move(price);
    out.price.lookup_key = std::move(lookup_key);
    return out;
}

TEST(Translate, the_plan_is_found_by_its_price_wherever_the_item_stands) {
    struct Case {
        char const* name;
        std::vector<stripe::SubscriptionItem> items;
        char const* line;
        char const* item;
        char const* plan;
    };
    Case const cases[] = {
        {"alone", {item("si_1", "price_pro")}, "tier", "si_1", "pro"},
        {"behind an add-on", {item("si_1", "price_addon"), item("si_2", "price_pro")}, "tier", "si_2", "pro"},
        {"a replaced price", {item("si_1", "price_old")}, "tier", "si_1", "pro"},
        {"by lookup key", {item("si_1", "price_new", "starter_month")}, "tier", "si_1", "starter"},
        {"named by its id, not applied yet", {item("si_1", "price_named")}, "tier", "si_1", "starter"},
        {"the key of one that the file names by another id", {item("si_1", "price_x", "starter_year")}, "tier", "", ""},
        {"the price book beats the key", {item("si_1", "price_pro", "starter_month")}, "tier", "si_1", "pro"},
        {"of the line that is meant", {item("si_1", "price_ai"), item("si_2", "price_pro")}, "tier", "si_2", "pro"},
        {"of any line", {item("si_1", "price_ai")}, "", "si_1", "ai_plus"},
        {"of another line", {item("si_1", "price_ai")}, "tier", "", ""},
        {"nothing of ours", {item("si_1", "price_x", "other_key")}, "", "", ""},
        {"no items", {}, "", "", ""},
    };
    auto const catalog = two_lines();
    for (auto const& c : cases) {
        stripe::Subscription from;
        from.items = c.items;
        auto const found = find_plan_item(catalog, prices, from, c.line);
        EXPECT_EQ(found ? found->item->id : "", c.item) << c.name;
        EXPECT_EQ(found ? found->meaning.plan->code : "", c.plan) << c.name;
    }
}

TEST(Translate, every_status_is_understood_and_a_newer_word_is_not_guessed) {
    for (auto const* word :
         {"incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "canceled", "paused"}) {
        stripe::Subscription from;
        from.status = word;
        auto const record = translate(from);
        ASSERT_TRUE(record) << word;
        EXPECT_STREQ(to_string(record->status), word);
    }
    stripe::Subscription from;
    from.status = "hibernating";
    ASSERT_FALSE(translate(from));
    EXPECT_EQ(translate(from).error().reason, "stripe_answer_not_understood");
}

TEST(Translate, a_schedule_plans_the_phase_after_the_current_one) {
    auto phase = [](std::int64_t start, std::int64_t end, char const* price) {
        stripe::Phase out;
        out.period = {{start}, {end}};
        stripe::PhaseItem phase_item;
        phase_item.price_id = price;
        phase_item.quantity = 2;
        out.items = {phase_item};
        return out;
    };
    auto const now = phase(0, 10, "price_ai");
    struct Case {
        char const* name;
        char const* status;
        std::vector<stripe::Phase> phases;
        char const* plan;
        std::int64_t at;
    };
    Case const cases[] = {
        {"two phases", "active", {now, phase(10, 20, "price_pro")}, "pro", 10},
        {"one phase", "active", {phase(0, 10, "price_pro")}, "", 0},
        {"three phases", "active", {now, phase(10, 20, "price_ai"), phase(20, 30, "price_pro")}, "pro", 20},
        {"released", "released", {now, phase(10, 20, "price_pro")}, "", 0},
        {"canceled", "canceled", {now, phase(10, 20, "price_pro")}, "", 0},
        {"an unknown price", "active", {now, phase(10, 20, "price_x")}, "", 0},
    };
    auto const catalog = two_lines();
    for (auto const& c : cases) {
        stripe::SubscriptionSchedule schedule;
        schedule.status = c.status;
        schedule.phases = c.phases;
        schedule.current_phase = Period{{0}, {10}};
        auto const planned = find_planned_change(catalog, prices, schedule, "tier");
        EXPECT_EQ(planned ? planned->plan->code : "", c.plan) << c.name;
        EXPECT_EQ(planned ? planned->effective_at.ms : 0, c.at) << c.name;
        EXPECT_EQ(planned ? planned->quantity : 2, 2) << c.name;
    }
}

}  // namespace
}  // namespace billhook::flow::translate_test
