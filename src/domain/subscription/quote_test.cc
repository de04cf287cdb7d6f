#include "domain/subscription/quote.h"

#include <gtest/gtest.h>

#include "domain/subscription/sample_test.h"

namespace billhook::subscription::quote_test {
namespace {

TEST(ChangePreview, holds_for_the_same_change_from_the_same_state_within_its_hour) {
    Target const pro{"pro", IntervalUnit::month, 1};
    auto const held = sample::subscription("starter");
    ChangePreview const preview{.target = pro, .basis = basis_of(held), .expires_at = sample::now + preview_validity};
    auto with = [&](auto change) {
        auto other = held;
        change(other);
        return other;
    };
    auto const soon = sample::now + Duration::minutes(59);
    struct Case {
        char const* name;
        Subscription held;
        Target target;
        Effective effective;
        Timestamp now;
        bool expected;
    };
    Case const cases[] = {
        {"as shown", held, pro, Effective::now, soon, true},
        {"an hour later", held, pro, Effective::now, sample::now + Duration::hours(1), false},
        {"another plan", held, {"max", IntervalUnit::month, 1}, Effective::now, soon, false},
        {"another rhythm", held, {"pro", IntervalUnit::year, 1}, Effective::now, soon, false},
        {"another quantity", held, {"pro", IntervalUnit::month, 2}, Effective::now, soon, false},
        {"at another time", held, pro, Effective::period_end, soon, false},
        {"another price is held", with([](auto& s) { s.items[0].stripe_price_id = "price_2"; }), pro, Effective::now,
         soon, false},
        {"more is held", with([](auto& s) { s.items[0].quantity = 2; }), pro, Effective::now, soon, false},
        {"the next period has begun", with([](auto& s) {
             s.items[0].period.start = sample::now;
             s.items[0].period.end = sample::now + Duration::days(60);
         }),
         pro, Effective::now, soon, false},
        {"something was invoiced", with([](auto& s) { s.latest_invoice_id = "in_2"; }), pro, Effective::now, soon,
         false},
        {"another subscription", with([](auto& s) { s.stripe_subscription_id = "sub_2"; }), pro, Effective::now, soon,
         false},
        {"only the look is newer", with([](auto& s) { s.observed_at = s.observed_at + Duration::minutes(5); }), pro,
         Effective::now, soon, true},
    };
    for (auto const& c : cases)
        EXPECT_EQ(still_holds(preview, c.held, c.target, c.effective, c.now), c.expected) << c.name;
}

}  // namespace
}  // namespace billhook::subscription::quote_test
