#include "sandbox/testing/driver.h"

namespace billhook::sandbox::price_test {
namespace {

TEST(Prices, AreMadeFromWhatTheFormSays) {
    struct Case {
        char const* form;
        char const* path;
        char const* expected;
    };
    Case const cases[] = {
        {"unit_amount=2500", "unit_amount_decimal", "2500"},
        {"unit_amount_decimal=2500.50", "unit_amount_decimal", "2500.5"},
        {"unit_amount_decimal=2500.50", "unit_amount", "null"},
        {"unit_amount_decimal=12.0", "unit_amount", "12"},
        {"unit_amount=1", "type", "one_time"},
        {"unit_amount=1&recurring[interval]=month", "recurring.interval_count", "1"},
        {"unit_amount=1&recurring[interval]=year&recurring[interval_count]=2", "recurring.interval_count", "2"},
        {"unit_amount=1&recurring[interval]=month", "recurring.usage_type", "licensed"},
        {"unit_amount=1", "tiers", "(absent)"},
        {"unit_amount=1", "currency_options", "(absent)"},
        {"unit_amount=1&expand[]=currency_options&currency_options[eur][unit_amount]=9",
         "currency_options.eur.unit_amount", "9"},
        {"unit_amount=1&expand[]=currency_options&currency_options[eur][unit_amount]=9",
         "currency_options.usd.unit_amount", "1"},
        {"billing_scheme=tiered&tiers_mode=graduated&tiers[0][up_to]=5&tiers[0][unit_amount]=3&tiers[1][up_to]=inf&"
         "tiers[1][unit_amount]=2&expand[]=tiers",
         "tiers.1.up_to", "null"},
        {"unit_amount=1&expand[]=product", "product.name", "Tool"},
    };
    Driver stripe;
    auto const product = stripe.post("/v1/products", "name=Tool")["id"];
    for (auto const& c : cases) {
        auto const price = stripe.post("/v1/prices", "currency=USD&product=" + product + "&" + c.form);
        EXPECT_EQ(price.status, 200) << c.form << price[""];
        EXPECT_EQ(price[c.path], c.expected) << c.form;
        EXPECT_EQ(price["currency"], "usd");
    }
}

TEST(Prices, AreRefusedWhenTheirRulesAreBroken) {
    struct Case {
        char const* form;
        char const* param;
    };
    Case const cases[] = {
        {"currency=usd&unit_amount=1", "product"},
        {"currency=us&unit_amount=1&product_data[name]=x", "currency"},
        {"currency=usd&product_data[name]=x", "unit_amount"},
        {"currency=usd&product_data[name]=x&unit_amount=-1", "unit_amount"},
        {"currency=usd&product_data[name]=x&unit_amount=1&unit_amount_decimal=2", "unit_amount"},
        {"currency=usd&product=prod_none&unit_amount=1", "product"},
        {"currency=usd&product_data[name]=x&unit_amount=1&recurring[interval]=fortnight", "recurring[interval]"},
        {"currency=usd&product_data[name]=x&unit_amount=1&recurring[interval]=year&recurring[interval_count]=4",
         "recurring[interval_count]"},
        {"currency=usd&product_data[name]=x&unit_amount=1&recurring[interval]=year&recurring[usage_type]=metered",
         "recurring[meter]"},
        {"currency=usd&product_data[name]=x&billing_scheme=tiered&tiers_mode=volume", "tiers"},
        {"currency=usd&product_data[name]=x&billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=4&tiers[0][unit_"
         "amount]=1",
         "tiers[0][up_to]"},
        {"currency=usd&product_data[name]=x&unit_amount=1&currency_options[eur][unit_amount]=x",
         "currency_options[eur][unit_amount]"},
    };
    Driver stripe;
    for (auto const& c : cases) {
        auto const answer = stripe.post("/v1/prices", c.form);
        EXPECT_EQ(answer.status, 400) << c.form;
        EXPECT_EQ(answer["error.param"], c.param) << c.form << answer[""];
    }
    EXPECT_EQ(stripe.get("/v1/products")["data"], "[]") << "a refused price leaves no product behind";
}

TEST(Prices, HandOverTheirLookupKey) {
    Driver stripe;
    std::string const form = "currency=usd&unit_amount=1&product_data[name]=x&recurring[interval]=month&lookup_key=pro";
    auto const first = stripe.post("/v1/prices", form);
    EXPECT_EQ(stripe.post("/v1/prices", form).status, 400);
    stripe.new_events();
    auto const second = stripe.post("/v1/prices", form + "&transfer_lookup_key=true");
    EXPECT_EQ(second.status, 200) << second[""];
    EXPECT_EQ(stripe.new_events(), "product.created price.updated plan.created price.created");
    auto const found = stripe.get("/v1/prices?lookup_keys[]=pro");
    EXPECT_EQ(found["data.0.id"], second["id"]);
    EXPECT_EQ(found["data.1.id"], "(absent)");
    EXPECT_EQ(stripe.get("/v1/prices/" + first["id"])["lookup_key"], "null");
    EXPECT_EQ(stripe.get("/v1/plans/" + first["id"])["amount"], "1");
}

TEST(Prices, AreFoundBySearch) {
    Driver stripe;
    stripe.post("/v1/prices", "currency=usd&unit_amount=1&product_data[name]=x&metadata[tier]=gold");
    stripe.post("/v1/prices", "currency=eur&unit_amount=1&product_data[name]=x");
    auto const count = [&](std::string const& query) {
        auto const page = stripe.get("/v1/prices/search?query=" + query);
        return page.status == 200 ? static_cast<int>(page.body.at("data").as_array().size()) : -page.status;
    };
    EXPECT_EQ(count("metadata['tier']:'gold'"), 1);
    EXPECT_EQ(count("currency:'eur' AND active:'true'"), 1);
    EXPECT_EQ(count("currency:'eur' OR currency:'usd'"), 2);
    EXPECT_EQ(count("-currency:'eur'"), 1);
    // Stripe, "Search query language": clauses are joined by a space, AND or OR, the words in either case; a space is
    // AND, and AND and OR exclude each other.
    EXPECT_EQ(count("currency:'eur' active:'true'"), 1);
    EXPECT_EQ(count("currency:'eur' currency:'usd'"), 0);
    EXPECT_EQ(count("currency:'eur' and active:'true'"), 1);
    EXPECT_EQ(count("currency:'eur' or currency:'usd'"), 2);
    EXPECT_EQ(count("currency:'eur' -metadata['tier']:'gold'"), 1);
    EXPECT_EQ(count("currency:'eur' OR currency:'usd' active:'true'"), -400);
    EXPECT_EQ(count("currency:'eur'active:'true'"), -400);
    EXPECT_EQ(count("currency:'eur' OR"), -400);
    EXPECT_EQ(count("currency:'eur' OR currency:'usd' AND active:'true'"), -400);
    EXPECT_EQ(count("currency"), -400);
}

TEST(Products, ComeWithADefaultPriceAndGoOnlyWithoutPrices) {
    Driver stripe;
    auto const product =
        stripe.post("/v1/products",
                    "id=tool&name=Tool&default_price_data[currency]=usd&default_price_data[unit_amount]=5&"
                    "default_price_data[recurring][interval]=month&expand[]=default_price");
    EXPECT_EQ(product["id"], "tool");
    EXPECT_EQ(product["default_price.unit_amount"], "5");
    EXPECT_EQ(stripe.post("/v1/products", "id=tool&name=Tool")["error.code"], "resource_already_exists");
    EXPECT_EQ(stripe.remove("/v1/products/tool").status, 400);
    auto const bare = stripe.post("/v1/products", "name=Bare")["id"];
    EXPECT_EQ(stripe.remove("/v1/products/" + bare)["deleted"], "true");
    EXPECT_EQ(stripe.get("/v1/products/" + bare).status, 404);
    stripe.new_events();
    EXPECT_EQ(stripe.post("/v1/products/tool", "name=Tool").status, 200);
    EXPECT_EQ(stripe.new_events(), "") << "nothing changed, nothing is said";
    stripe.post("/v1/products/tool", "description=Sharp");
    EXPECT_EQ(stripe.new_events(), "product.updated");
}

}  // namespace
}  // namespace billhook::sandbox::price_test
