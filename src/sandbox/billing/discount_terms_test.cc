#include "sandbox/billing/discount_terms.h"

#include <gtest/gtest.h>

namespace billhook::sandbox::discount_terms_test {
namespace {

using Taken = std::vector<std::vector<std::int64_t>>;

DiscountTerms percent(std::int64_t of) {
    return {.id = "di", .percent_millionths = of * 10'000};
}
DiscountTerms fixed(std::int64_t amount) {
    return {.id = "di", .amount_off = amount};
}

TEST(Discounts, take_off_lines_in_their_order) {
    struct {
        char const* name;
        std::vector<DiscountableLine> lines;
        std::vector<DiscountTerms> discounts;
        Taken taken;
    } const cases[] = {
        {"percentage", {{1500}}, {percent(20)}, {{300}}},
        {"half a cent goes away from zero", {{25}}, {percent(50)}, {{13}}},
        {"everything", {{1500}}, {percent(100)}, {{1500}}},
        {"second on the remainder", {{1000}}, {percent(50), percent(20)}, {{500, 100}}},
        {"fixed after percentage", {{1000}}, {percent(50), fixed(700)}, {{500, 500}}},
        {"fixed amount spread, adding up", {{100}, {100}, {100}}, {fixed(100)}, {{33}, {34}, {33}}},
        {"never below zero", {{300}}, {fixed(500)}, {{300}}},
        {"credits are left alone", {{-300}, {1000}}, {percent(10)}, {{0}, {100}}},
        {"one item only",
         {{1000, "si_a"}, {1000, "si_b"}},
         {{.id = "di", .item = "si_b", .percent_millionths = 100'000}},
         {{0}, {100}}},
        {"some products only",
         {{1000, "", "prod_a"}, {1000, "", "prod_b"}},
         {{.id = "di", .products = {"prod_a"}, .amount_off = 400}},
         {{400}, {0}}},
        {"no lines", {}, {percent(10)}, {}},
    };
    for (auto const& c : cases) EXPECT_EQ(apply_discounts(c.lines, c.discounts), c.taken) << c.name;
}

TEST(Discounts, are_read_from_coupons) {
    EXPECT_EQ(discount_terms("di", {{"percent_off", 12.5}}, "usd").percent_millionths, 125'000);
    EXPECT_EQ(discount_terms("di", {{"amount_off", 300}, {"currency", "usd"}}, "usd").amount_off, 300);
    EXPECT_EQ(discount_terms("di", {{"amount_off", 300}, {"currency", "usd"}}, "eur").amount_off, 0);
}

}  // namespace
}  // namespace billhook::sandbox::discount_terms_test
