#include "flow/price_book.h"

#include <gtest/gtest.h>

namespace billhook::flow::price_book_test {
namespace {

PriceBook book() {
    return PriceBook({{"price_1", "eur", "pro_month", "prod_1", "pro", IntervalUnit::month, 3000, true},
                      {"price_1", "usd", "pro_month", "prod_1", "pro", IntervalUnit::month, 3300, true},
                      {"price_0", "eur", "pro_month", "prod_1", "pro", IntervalUnit::month, 2500, false},
                      {"price_2", "eur", "pro_year", "prod_1", "pro", IntervalUnit::year, 30000, true}});
}

TEST(PriceBook, offers_are_the_active_prices) {
    struct Case {
        char const* plan;
        IntervalUnit interval;
        char const* currency;
        char const* price;
    };
    Case const cases[] = {
        {"pro", IntervalUnit::month, "eur", "price_1"}, {"pro", IntervalUnit::month, "usd", "price_1"},
        {"pro", IntervalUnit::year, "eur", "price_2"},  {"pro", IntervalUnit::year, "usd", ""},
        {"pro", IntervalUnit::month, "jpy", ""},        {"max", IntervalUnit::month, "eur", ""},
    };
    auto const prices = book();
    for (auto const& c : cases) {
        auto const* offer = prices.find_offer(c.plan, c.interval, c.currency);
        EXPECT_EQ(offer ? offer->stripe_price_id : "", c.price) << c.plan << " " << c.currency;
    }
}

TEST(PriceBook, replaced_prices_keep_their_meaning) {
    auto const prices = book();
    for (auto const* id : {"price_0", "price_1"}) {
        ASSERT_NE(prices.find(id), nullptr);
        EXPECT_EQ(prices.find(id)->plan, "pro");
    }
    using Amounts = std::map<std::string, std::int64_t, std::less<>>;
    EXPECT_EQ(prices.find("price_0")->amounts, (Amounts{{"eur", 2500}}));
    EXPECT_EQ(prices.find("price_1")->amounts, (Amounts{{"eur", 3000}, {"usd", 3300}}));
    EXPECT_EQ(prices.find("price_9"), nullptr);
    EXPECT_EQ(PriceBook().find("price_1"), nullptr);
}

}  // namespace
}  // namespace billhook::flow::price_book_test
