#include "sandbox/billing/settlement.h"

#include <gtest/gtest.h>

namespace billhook::sandbox::settlement_test {
namespace {

TEST(Settlement, total_meets_balance) {
    struct {
        char const* name;
        std::int64_t total, balance, minimum, due, balance_after;
    } const cases[] = {
        {"nothing in the balance", 1500, 0, 50, 1500, 0},
        {"credit covers part", 1500, -1000, 50, 500, 0},
        {"credit covers all", 1500, -2000, 50, 0, -500},
        {"debt joins", 1500, 250, 50, 1750, 0},
        {"negative total becomes credit", -1291, 0, 50, 0, -1291},
        {"negative total pays a debt", -1291, 291, 50, 0, -1000},
        {"under the minimum is carried", 26, 0, 50, 0, 26},
        {"exactly the minimum", 50, 0, 50, 50, 0},
        {"credit leaves less than the minimum", 1500, -1470, 50, 0, 30},
        {"two small amounts together", 30, 30, 50, 60, 0},
        {"no published minimum", 1, 0, 0, 1, 0},
        {"zero", 0, 0, 50, 0, 0},
    };
    for (auto const& c : cases) {
        auto const settled = settle(c.total, c.balance, c.minimum);
        EXPECT_EQ(settled.due, c.due) << c.name;
        EXPECT_EQ(settled.balance_after, c.balance_after) << c.name;
    }
}

TEST(Settlement, minimum_charges) {
    EXPECT_EQ(minimum_charge("usd"), 50);
    EXPECT_EQ(minimum_charge("gbp"), 30);
    EXPECT_EQ(minimum_charge("kwd"), 0);
}

}  // namespace
}  // namespace billhook::sandbox::settlement_test
