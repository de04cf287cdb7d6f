#include "domain/catalog/parse.h"

#include <gtest/gtest.h>

#include "domain/catalog/sample.h"

namespace billhook::catalog::parse_test {
namespace {

Catalog parse_or_fail(std::string const& text, Variables const& variables = {}) {
    auto parsed = parse_catalog({"catalog.yaml", text}, variables);
    if (!parsed) {
        for (auto const& problem : parsed.error()) ADD_FAILURE() << to_text(problem);
        return {};
    }
    return std::move(*parsed);
}

TEST(CatalogFile, TheSampleIsWhatItSays) {
    auto const source = sample_source();
    auto const catalog = parse_or_fail(source.text);
    EXPECT_EQ(catalog.default_currency, "eur");
    EXPECT_EQ(catalog.currencies, (std::vector<std::string>{"eur", "usd", "jpy"}));
    ASSERT_EQ(catalog.lines.size(), 2u);
    EXPECT_EQ(catalog.lines[0].plans, (std::vector<std::string>{"starter", "professional", "enterprise"}));
    EXPECT_EQ(catalog.lines[1].plans, (std::vector<std::string>{"ai_basic", "ai_pro"}));
    for (auto const& [code, plan] : catalog.plans) {
        ASSERT_EQ(plan.prices.size(), 2u) << code;
        for (auto const& price : plan.prices) EXPECT_EQ(price.amounts.size(), 3u) << price.lookup_key;
        EXPECT_TRUE(plan.is_self_service && plan.is_visible) << code;
    }
    EXPECT_EQ(catalog.find_plan("professional")->trial_days, 14);
    EXPECT_EQ(catalog.find_plan("starter")->trial_days, 0);
    EXPECT_FALSE(catalog.find_plan("ai_pro")->trial_needs_card);
    EXPECT_EQ(catalog.find_plan("starter")->features.at("clients"), (FeatureValue{true, 9}));
    EXPECT_EQ(catalog.find_plan("professional")->features.at("clients"), (FeatureValue{true, 20}));
    EXPECT_EQ(catalog.find_plan("enterprise")->features.at("clients"), (FeatureValue{true, std::nullopt}));
    EXPECT_TRUE(catalog.find_feature("clients")->is_gauge);
    EXPECT_TRUE(catalog.find_feature("devices")->is_device_limit);
    EXPECT_EQ(catalog.find_feature("ai_tokens")->type, FeatureType::metered);
    auto const found = catalog.find_by_lookup_key("tier_professional_year");
    ASSERT_TRUE(found.plan);
    EXPECT_EQ(found.plan->code, "professional");
    EXPECT_EQ(found.price->interval, IntervalUnit::year);
    EXPECT_FALSE(catalog.find_by_lookup_key("tier_professional_week").plan);
}

constexpr char everything[] = R"(
currency: usd
currencies: [usd, kwd, jpy]
trial_days: 7
trial_needs_card: false
grace_days: 3
soft_days: 0
over_limit: block
meters:
  orders: {aggregation: count, period: calendar_month}
  visitors: {name: Visitors, aggregation: unique, value: visitor, period: rolling, rolling_days: 30, decimals: 2}
features:
  orders: {type: metered}
  reach: {type: metered, meter: visitors, when_stale: open}
  products: {type: gauge}
  seats: {type: limit, over_limit: freeze}
  devices: {type: devices, over_limit: release, release_first: oldest}
  domain: {type: flag, soft: true, name: Own domain}
add_ons:
  mailboxes:
    name: Mailboxes
    description: Five letters a day
    lines: [shop]
    packages: [1, 5, 10]
    prices:
      month: {amounts: {usd: 500, kwd: 1500, jpy: 700}}
    features: {seats: 1}
    configuration:
      domain_name: {type: text, min: 3, max: 253}
      plan: {type: choice, choices: [small, large], required: false}
  ssl:
    name: SSL
    prices:
      year: {amounts: {usd: 900, kwd: 2700, jpy: 1200}, lookup_key: ssl-yearly}
lines:
  shop:
    name: Shop
    default_plan: free
    plans:
      business:
        name: Business
        rank: 2
        prices:
          year: {stripe_price_id: "${PRICE_YEAR}"}
          month: {stripe_price_id: "${PRICE_MONTH:-}", amounts: {usd: "${AMOUNT}", kwd: 9990, jpy: 4000}}
        features: {orders: unlimited, products: 100, domain: true, seats: 0, devices: false}
        included_add_ons: all
      custom:
        name: Custom $${not a variable}
        rank: 3
        self_service: false
        prices:
          month: {amounts: {usd: 100000}}
        included_add_ons: [ssl]
      legacy: {name: Legacy, rank: 1, visible: false, trial_days: 0, prices: {month: {amounts: {usd: 800}}}}
      free: {name: Free, rank: 0, features: {products: 5}}
)";

TEST(CatalogFile, EverythingThatMayStandInIt) {
    auto const catalog =
        parse_or_fail(everything, {{"PRICE_YEAR", "price_1Qx"}, {"PRICE_MONTH", ""}, {"AMOUNT", "2900"}});
    EXPECT_EQ(catalog.grace_days, 3);
    EXPECT_EQ(catalog.soft_days, 0);
    EXPECT_EQ(catalog.lines.at(0).plans, (std::vector<std::string>{"free", "legacy", "business", "custom"}));
    EXPECT_EQ(catalog.lines.at(0).default_plan, "free");

    auto const& business = catalog.plans.at("business");
    ASSERT_EQ(business.prices.size(), 2u);
    EXPECT_EQ(
        business.prices[0],
        (Price{
            "shop_business_month", IntervalUnit::month, {{"usd", 2900}, {"kwd", 9990}, {"jpy", 4000}}, std::nullopt}));
    EXPECT_EQ(business.prices[1], (Price{"shop_business_year", IntervalUnit::year, {}, "price_1Qx"}));
    EXPECT_EQ(catalog.find_by_stripe_price("price_1Qx", "").price->lookup_key, "shop_business_year");
    EXPECT_EQ(catalog.find_by_stripe_price("price_any", "shop_business_month").plan->code, "business");
    // The file names the yearly price by its id, so another one is not it, whatever lookup key it bears.
    EXPECT_FALSE(catalog.find_by_stripe_price("price_any", "shop_business_year").plan);
    EXPECT_FALSE(catalog.find_by_stripe_price("price_any", "").plan);
    EXPECT_EQ(business.trial_days, 7);
    EXPECT_FALSE(business.trial_needs_card);
    EXPECT_EQ(business.included_add_ons, (std::vector<std::string>{"mailboxes", "ssl"}));
    EXPECT_EQ(business.features.at("orders"), (FeatureValue{true, std::nullopt}));
    EXPECT_EQ(business.features.at("seats"), (FeatureValue{true, 0}));
    EXPECT_EQ(business.features.at("devices"), FeatureValue{});
    EXPECT_EQ(catalog.plans.at("free").trial_days, 0);
    EXPECT_EQ(catalog.plans.at("custom").name, "Custom ${not a variable}");
    EXPECT_FALSE(catalog.plans.at("custom").is_self_service);
    EXPECT_FALSE(catalog.plans.at("legacy").is_visible);

    EXPECT_EQ(catalog.features.at("orders").meter, "orders");
    EXPECT_EQ(catalog.features.at("products").over_limit, OverLimitPolicy::block);
    EXPECT_EQ(catalog.features.at("seats").over_limit, OverLimitPolicy::freeze);
    EXPECT_EQ(catalog.features.at("devices").over_limit, OverLimitPolicy::release);
    EXPECT_EQ(catalog.meters.at("visitors").rolling_days, 30);
    EXPECT_EQ(catalog.meters.at("orders").aggregation, Aggregation::count);
    auto const& mailboxes = catalog.add_ons.at("mailboxes");
    EXPECT_EQ(mailboxes.packages, (std::vector<std::int64_t>{1, 5, 10}));
    EXPECT_EQ(mailboxes.prices.at(0).lookup_key, "add_on_mailboxes_month");
    EXPECT_EQ(mailboxes.configuration.at(0),
              (ConfigurationField{"domain_name", ConfigurationType::text, true, 3, 253, {}}));
    EXPECT_EQ(mailboxes.configuration.at(1).choices, (std::vector<std::string>{"small", "large"}));
    EXPECT_EQ(catalog.add_ons.at("ssl").lines, std::vector<std::string>{"shop"});
}

TEST(CatalogFile, APlanThatSaysNothingHasAFourteenDayTrialWithACard) {
    auto const catalog = parse_or_fail(
        "currency: eur\nlines: {a: {name: A, plans: {p: {name: P, rank: 1, prices: {month: {amounts: {eur: 1}}}}}}}\n");
    EXPECT_EQ(catalog.plans.at("p").trial_days, 14);
    EXPECT_TRUE(catalog.plans.at("p").trial_needs_card);
    EXPECT_EQ(catalog.currencies, std::vector<std::string>{"eur"});
}

TEST(CatalogFile, AllMistakesOfAFileComeBackInItsOrder) {
    auto const parsed = parse_catalog({"catalog.yaml",
                                       "curency: eur\n"
                                       "features:\n"
                                       "  seats: {type: limt}\n"
                                       "lines:\n"
                                       "  tier:\n"
                                       "    plans:\n"
                                       "      Pro: {}\n"
                                       "      basic: {name: Basic, rank: first, prices: {week: {}}}\n"},
                                      {});
    ASSERT_FALSE(parsed);
    std::vector<std::string> texts;
    for (auto const& problem : parsed.error()) texts.push_back(to_text(problem));
    EXPECT_EQ(
        texts,
        (std::vector<std::string>{
            "catalog.yaml:1:1: unknown key 'curency'; did you mean 'currency'?",
            "catalog.yaml:1:1: the key 'currency' is missing; expected the currency in which prices are shown "
            "first, such as eur",
            "catalog.yaml:3:17: features.seats.type: found 'limt', expected flag, limit, gauge, devices or "
            "metered; did you mean 'limit'?",
            "catalog.yaml:6:5: lines.tier: the key 'name' is missing; expected a text",
            "catalog.yaml:7:7: lines.tier.plans: found the code 'Pro', expected lower-case letters, digits and "
            "underscores, a letter first, at most 40",
            "catalog.yaml:8:34: lines.tier.plans.basic.rank: found 'first', expected a whole number from 0 to 1000",
            "catalog.yaml:8:50: lines.tier.plans.basic.prices: unknown key 'week'; expected month or year",
        }));
}

}  // namespace
}  // namespace billhook::catalog::parse_test
