#include "sandbox/billing/line_text.h"

#include <gtest/gtest.h>

namespace billhook::sandbox::line_text_test {
namespace {

PriceTerms price(std::int64_t amount, char const* currency, Interval interval) {
    return {.currency = currency, .interval = interval, .unit_amount = {amount, 0}};
}

TEST(LineText, purchases) {
    SoldThing const plain{"Pro", ""}, seats{"Pro", "user"};
    Interval const month{IntervalUnit::month, 1}, quarter{IntervalUnit::month, 3};
    EXPECT_EQ(purchase_text(plain, price(2500, "usd", month), 1), "1 × Pro (at $25.00 / month)");
    EXPECT_EQ(purchase_text(seats, price(2500, "usd", month), 3), "3 user × Pro (at $25.00 / month)");
    EXPECT_EQ(purchase_text(plain, price(1500, "jpy", quarter), 1), "1 × Pro (at ¥1500 every 3 months)");
    EXPECT_EQ(purchase_text(plain, price(1500, "chf", month), 1), "1 × Pro (at 15.00 CHF / month)");
}

TEST(LineText, prorations_and_trials) {
    SoldThing const pro{"Pro", ""};
    auto const tenth = parse_rfc3339("2025-11-10T09:00:00Z")->seconds();
    EXPECT_EQ(proration_text(pro, LineKind::credit, 1, tenth), "Unused time on Pro after 10 Nov 2025");
    EXPECT_EQ(proration_text(pro, LineKind::debit, 3, tenth), "Remaining time on 3 × Pro after 10 Nov 2025");
    EXPECT_EQ(trial_text(pro, 2), "Free trial for 2 × Pro");
}

}  // namespace
}  // namespace billhook::sandbox::line_text_test
