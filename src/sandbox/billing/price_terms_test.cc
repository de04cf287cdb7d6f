#include "sandbox/billing/price_terms.h"

#include <gtest/gtest.h>

namespace billhook::sandbox::price_terms_test {
namespace {

PriceTerms read(char const* json, std::string const& currency = {}) {
    return price_terms(parse_json(json)->as_object(), currency);
}

TEST(PriceTerms, what_a_quantity_costs) {
    auto const per_unit = R"({"unit_amount":2500})";
    auto const decimal = R"({"unit_amount":null,"unit_amount_decimal":"0.5"})";
    auto const packages = R"({"unit_amount":900,"transform_quantity":{"divide_by":10,"round":"up"}})";
    auto const started = R"({"unit_amount":900,"transform_quantity":{"divide_by":10,"round":"down"}})";
    auto const graduated = R"({"tiers_mode":"graduated","tiers":[{"up_to":10,"unit_amount":100,"flat_amount":500},
                               {"up_to":null,"unit_amount":50,"flat_amount":null}]})";
    auto const volume = R"({"tiers_mode":"volume","tiers":[{"up_to":10,"unit_amount":100},
                            {"up_to":null,"unit_amount":50,"flat_amount":1}]})";
    struct {
        char const* price;
        std::int64_t quantity, amount;
    } const cases[] = {
        {per_unit, 1, 2500},   {per_unit, 3, 7500},   {per_unit, 0, 0},    {decimal, 1, 1},    {decimal, 3, 2},
        {decimal, 1000, 500},  {packages, 11, 1800},  {packages, 10, 900}, {started, 19, 900}, {graduated, 0, 500},
        {graduated, 10, 1500}, {graduated, 12, 1600}, {volume, 10, 1000},  {volume, 12, 601},
    };
    for (auto const& c : cases) EXPECT_EQ(amount_of(read(c.price), c.quantity), c.amount) << c.price << c.quantity;
}

TEST(PriceTerms, are_read_in_the_currency_asked_for) {
    auto const price = R"({"id":"price_1","currency":"usd","unit_amount":1000,"recurring":{"interval":"month",
        "interval_count":3,"usage_type":"licensed"},"currency_options":{"eur":{"unit_amount":900}}})";
    EXPECT_EQ(read(price).unit_amount.value, 1000);
    EXPECT_EQ(read(price, "eur").unit_amount.value, 900);
    EXPECT_EQ(read(price, "eur").currency, "eur");
    EXPECT_EQ(read(price, "gbp").currency, "usd");
    EXPECT_EQ(read(price).interval, (Interval{IntervalUnit::month, 3}));
    EXPECT_EQ(read(R"({"recurring":null})").interval, std::nullopt);
}

TEST(PriceTerms, decimals) {
    EXPECT_EQ(parse_decimal("12.50")->value, 1250);
    EXPECT_EQ(parse_decimal("12.50")->scale, 2);
    EXPECT_EQ(parse_decimal("-3")->value, -3);
    EXPECT_FALSE(parse_decimal("1.2.3"));
    EXPECT_FALSE(parse_decimal(""));
}

}  // namespace
}  // namespace billhook::sandbox::price_terms_test
