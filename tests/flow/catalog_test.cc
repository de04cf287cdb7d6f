// `catalog plan` and `catalog apply` against the sandbox, once on each store.

#include <algorithm>

#include "domain/catalog/parse.h"
#include "flow/command/apply_catalog.h"
#include "store/catalog_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::catalog_test {
namespace {

using Action = CatalogChange::Action;
using Thing = CatalogChange::Thing;

// Two plans of a line `shop`; what a test changes stands in the arguments.
struct Shop {
    std::string basic = "{eur: 500, usd: 600}";
    std::string name = "Basic";
    std::string description = "For beginners";
    std::string basic_year = "";
    bool has_plus = true;

    std::string text() const {
        std::string out =
            "currency: eur\ncurrencies: [eur, usd]\ntrial_days: 0\nlines:\n  shop:\n    name: Shop\n    plans:\n"
            "      basic:\n        name: " +
            name + "\n        rank: 1\n";
        if (!description.empty()) out += "        description: " + description + "\n";
        out += "        prices:\n          month: " + (basic.starts_with("{eur") ? "{amounts: " + basic + "}" : basic) +
               "\n";
        if (!basic_year.empty()) out += "          year: " + basic_year + "\n";
        if (has_plus)
            out +=
                "      plus:\n        name: Plus\n        rank: 2\n"
                "        prices: {month: {amounts: {eur: 1500, usd: 1700}}}\n";
        return out;
    }
};

class Catalog : public FlowTest {
  protected:
    void SetUp() override {
        FlowTest::SetUp();
        // What the world sells by itself is not of this file.
        ASSERT_TRUE(is_ok(apply({})));
        world->transport->take_writes();
    }

    CatalogContext context() { return {*world->store, *world->client, world->clock, world->random}; }
    catalog::Catalog read(Shop const& shop) {
        auto parsed = catalog::parse_catalog({"shop.yaml", shop.text()}, {});
        if (parsed) return *parsed;
        for (auto const& problem : parsed.error()) ADD_FAILURE() << catalog::to_text(problem);
        return {};
    }
    Result<std::vector<CatalogChange>> plan(Shop const& shop) {
        return plan_catalog(context(), read(shop), shop.text());
    }
    Result<std::vector<CatalogChange>> apply(Shop const& shop) {
        return apply_catalog(context(), read(shop), shop.text());
    }
    /// Applies, and lets the world sell what is applied.
    void sell(Shop const& shop) {
        ASSERT_TRUE(is_ok(apply(shop)));
        world->catalog = std::make_shared<catalog::Catalog const>(read(shop));
        world->prices = std::make_shared<PriceBook const>(rows());
        world->deliver();
    }

    std::vector<store::CatalogPrice> rows() {
        auto found = world->store->read_value(store::Scope::system(),
                                              [](store::Reader& reader) { return store::list_catalog_prices(reader); });
        EXPECT_TRUE(is_ok(found));
        return found ? *found : std::vector<store::CatalogPrice>{};
    }
    /// "basic 500 eur": what is on sale, by plan, interval and currency.
    std::vector<std::string> on_sale() {
        std::vector<std::string> lines;
        for (auto const& row : rows())
            if (row.is_active)
                lines.push_back(row.plan + " " + std::to_string(row.amount) + " " + row.currency + " a " +
                                to_string(row.interval));
        std::ranges::sort(lines);
        return lines;
    }
    std::string price_id(std::string const& lookup_key) {
        for (auto const& row : rows())
            if (row.lookup_key == lookup_key && row.is_active) return row.stripe_price_id;
        return "";
    }
    /// "on basic 500" of every price of the plan at Stripe, oldest first.
    std::vector<std::string> prices_at_stripe(std::string const& plan) {
        std::vector<std::string> lines;
        auto const list = world->at_stripe("GET", "/v1/prices?limit=100&product=billhook_" + plan);
        for (auto const& each : list.at("data").as_array())
            lines.insert(lines.begin(), std::string(each.at("active").as_bool() ? "on " : "off ") +
                                            (each.at("lookup_key").is_string() ? string_or(each, "lookup_key") : "-") +
                                            " " + std::to_string(each.at("unit_amount").as_int64()));
        return lines;
    }
    std::string at_product(std::string const& plan, std::string const& field) {
        auto const product = world->at_stripe("GET", "/v1/products/billhook_" + plan);
        auto const& value = product.at(field);
        return value.is_string() ? std::string(as_view(value.as_string())) : to_text(value);
    }
};

std::vector<std::string> kinds(std::vector<CatalogChange> const& changes) {
    std::vector<std::string> words;
    for (auto const& change : changes)
        words.push_back(std::string(to_string(change.place)) + " " + change.kind() + " " + change.what);
    return words;
}
using Words = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(Flow, Catalog, testing::Values(store::DatabaseKind::sqlite, store::DatabaseKind::postgres),
                         [](auto const& info) {
                             return std::string(info.param == store::DatabaseKind::sqlite ? "sqlite" : "postgres");
                         });

TEST_P(Catalog, AppliedTwiceChangesNothing) {
    EXPECT_EQ(on_sale(), (Words{"basic 500 eur a month", "basic 600 usd a month", "plus 1500 eur a month",
                                "plus 1700 usd a month"}));
    EXPECT_EQ(kinds(*plan({})), Words{});
    EXPECT_EQ(kinds(*apply({})), Words{});
    EXPECT_EQ(world->transport->take_writes(), Words{});
    EXPECT_EQ(at_product("basic", "description"), "For beginners");
}

TEST_P(Catalog, PlanShowsWhatApplyThenDoes) {
    Shop const wanted{.basic = "{eur: 550, usd: 600}", .name = "Entry", .has_plus = false};
    auto const planned = plan(wanted);
    ASSERT_TRUE(is_ok(planned));
    EXPECT_EQ(world->transport->take_writes(), Words{});
    EXPECT_EQ(kinds(*planned), (Words{"stripe update_product basic", "stripe replace_price shop_basic_month",
                                      "stripe retire_price shop_basic_month", "stripe retire_price shop_plus_month",
                                      "stripe retire_product plus", "database update_price shop_basic_month",
                                      "database retire_price shop_plus_month", "database update_version catalog"}));
    EXPECT_EQ(planned->at(0).detail, "name \"Basic\" -> \"Entry\"");
    EXPECT_TRUE(planned->at(1).detail.starts_with("5.00 EUR -> 5.50 EUR, 6.00 USD a month; takes the lookup key from "))
        << planned->at(1).detail;
    auto const applied = apply(wanted);
    ASSERT_TRUE(is_ok(applied));
    EXPECT_EQ(*applied, *planned);
    EXPECT_EQ(kinds(*plan(wanted)), Words{});
}

TEST_P(Catalog, AnotherAmountMakesAPriceThatTakesTheLookupKey) {
    ASSERT_TRUE(is_ok(apply({.basic = "{eur: 550, usd: 600}"})));
    EXPECT_EQ(prices_at_stripe("basic"), (Words{"off - 500", "on shop_basic_month 550"}));
    EXPECT_EQ(on_sale(), (Words{"basic 550 eur a month", "basic 600 usd a month", "plus 1500 eur a month",
                                "plus 1700 usd a month"}));
}

// Within Stripe's memory of idempotency keys: no time passes here.
TEST_P(Catalog, ThereAndBackAgainRevivesThePriceInsteadOfMakingMore) {
    for (auto const* amounts : {"{eur: 550, usd: 600}", "{eur: 500, usd: 600}", "{eur: 550, usd: 600}"}) {
        ASSERT_TRUE(is_ok(apply({.basic = amounts})));
        EXPECT_EQ(kinds(*plan({.basic = amounts})), Words{}) << amounts;
    }
    EXPECT_EQ(prices_at_stripe("basic"), (Words{"off - 500", "on shop_basic_month 550"}));
    EXPECT_EQ(on_sale().at(0), "basic 550 eur a month");
}

TEST_P(Catalog, RenamedThereAndBackFollowsEachTime) {
    for (auto const* name : {"Entry", "Basic", "Entry", "Basic"}) {
        ASSERT_TRUE(is_ok(apply({.name = name, .description = std::string("The ") + name})));
        EXPECT_EQ(at_product("basic", "name"), name);
        EXPECT_EQ(at_product("basic", "description"), std::string("The ") + name);
    }
    ASSERT_TRUE(is_ok(apply({.description = ""})));
    EXPECT_EQ(at_product("basic", "description"), "null");
    EXPECT_EQ(kinds(*plan({.description = ""})), Words{});
}

TEST_P(Catalog, ARemovedPlanIsNoLongerSoldAndComesBack) {
    ASSERT_TRUE(is_ok(apply({.has_plus = false})));
    EXPECT_EQ(on_sale(), (Words{"basic 500 eur a month", "basic 600 usd a month"}));
    EXPECT_EQ(at_product("plus", "active"), "false");
    EXPECT_EQ(prices_at_stripe("plus"), Words{"off shop_plus_month 1500"});
    ASSERT_TRUE(is_ok(apply({})));
    EXPECT_EQ(at_product("plus", "active"), "true");
    EXPECT_EQ(prices_at_stripe("plus"), Words{"on shop_plus_month 1500"});
    EXPECT_EQ(on_sale().size(), 4u);
}

TEST_P(Catalog, WhatOthersMadeIsLeftAlone) {
    world->at_stripe("POST", "/v1/products", "id=theirs&name=Theirs&metadata[owner]=somebody");
    world->at_stripe("POST", "/v1/prices", "product=theirs&currency=eur&unit_amount=700&recurring[interval]=month");
    // Somebody sells under our product, by hand.
    world->at_stripe(
        "POST", "/v1/prices",
        "product=billhook_plus&currency=eur&unit_amount=900&recurring[interval]=month&metadata[owner]=somebody");
    EXPECT_EQ(kinds(*plan({})), Words{});
    ASSERT_TRUE(is_ok(apply({.has_plus = false})));
    EXPECT_EQ(prices_at_stripe("plus"), (Words{"off shop_plus_month 1500", "on - 900"}));
    EXPECT_EQ(at_product("plus", "active"), "true") << "their price would go with the product";
    EXPECT_EQ(world->at_stripe("GET", "/v1/products/theirs").at("active"), Json(true));
    EXPECT_EQ(kinds(*plan({.has_plus = false})), Words{});
}

TEST_P(Catalog, ALookupKeyOfAnotherOwnerIsNotTaken) {
    world->at_stripe("POST", "/v1/products", "id=theirs&name=Theirs");
    world->at_stripe("POST", "/v1/prices",
                     "product=theirs&currency=eur&unit_amount=700&recurring[interval]=year&lookup_key=shop_basic_year");
    auto const refused = apply({.basic_year = "{amounts: {eur: 5000, usd: 6000}}"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "lookup_key_taken");
    EXPECT_NE(refused.error().detail.find("of the product 'Theirs'"), std::string::npos) << refused.error().detail;
    EXPECT_EQ(world->transport->take_writes(), Words{});
}

// The file may leave the amounts to Stripe: what it says is what is sold.
TEST_P(Catalog, ANamedPriceIsSoldForWhatStripeSays) {
    auto const made =
        world->at_stripe("POST", "/v1/prices",
                         "product_data[name]=Their Basic&currency=eur&unit_amount=4200&recurring[interval]="
                         "year&currency_options[usd][unit_amount]=4700");
    Shop const shop{.basic_year = "{stripe_price_id: " + string_or(made, "id") + "}"};
    sell(shop);
    EXPECT_EQ(on_sale().at(0), "basic 4200 eur a year");
    EXPECT_EQ(on_sale().at(1), "basic 4700 usd a year");
    EXPECT_EQ(kinds(*plan(shop)), Words{});
    world->subscribe("acme", "basic", IntervalUnit::year);
    EXPECT_EQ(world->show("acme", "shop"), "basic active yearly");
}

TEST_P(Catalog, ANamedPriceThatIsNotWhatTheFileSaysIsRefusedWithAllThatIsWrong) {
    struct Case {
        char const* form;     // makes the price
        char const* then;     // changes it, or its product
        char const* amounts;  // what the file says
        char const* expected;
    };
    Case const cases[] = {
        {"product_data[name]=A&currency=eur&unit_amount=100&currency_options[usd][unit_amount]=100", "", "",
         "it is a one-time price, expected one that recurs every year"},
        {"product_data[name]=A&currency=eur&unit_amount=100&recurring[interval]=month&currency_options[usd][unit_"
         "amount]=100",
         "", "", "it recurs every month, expected every year"},
        {"product_data[name]=A&currency=eur&unit_amount=100&recurring[interval]=year&recurring[interval_count]=2&"
         "currency_options[usd][unit_amount]=100",
         "", "", "it recurs every 2 year, expected every year"},
        {"product_data[name]=A&currency=eur&unit_amount=100&recurring[interval]=year", "", "",
         "it has no amount in usd"},
        {"product_data[name]=A&currency=eur&unit_amount=100&recurring[interval]=year&currency_options[usd][unit_amount]"
         "=120",
         "", ", amounts: {eur: 100, usd: 130}", "it costs 1.20 USD, the file says 1.30 USD"},
        {"product_data[name]=A&currency=eur&unit_amount=100&recurring[interval]=year&currency_options[usd][unit_amount]"
         "=100&active=false",
         "", "", "it is not active"},
        {"product_data[name]=Gone&currency=eur&unit_amount=100&recurring[interval]=year&currency_options[usd][unit_"
         "amount]=100",
         "active=false", "", "its product 'Gone' is not active"},
        {"product=billhook_plus&currency=eur&unit_amount=100&recurring[interval]=year&currency_options[usd][unit_"
         "amount]=100",
         "", "", "its product 'Plus' is that of the plan 'plus'"},
    };
    for (auto const& c : cases) {
        auto const made = world->at_stripe("POST", "/v1/prices", c.form);
        if (*c.then) world->at_stripe("POST", "/v1/products/" + string_or(made, "product"), c.then);
        auto const id = string_or(made, "id");
        auto const refused = apply({.basic_year = "{stripe_price_id: " + id + c.amounts + "}"});
        ASSERT_FALSE(refused) << c.expected;
        EXPECT_EQ(refused.error().reason, "price_differs");
        EXPECT_EQ(refused.error().field, "lines.shop.plans.basic.prices.year");
        EXPECT_EQ(refused.error().detail,
                  "lines.shop.plans.basic.prices.year: Stripe's price " + id + ": " + c.expected);
    }
    auto const unknown = apply({.basic = "{stripe_price_id: price_none}", .basic_year = "{stripe_price_id: price_no}"});
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().detail.find("price_none: there is none"), std::string::npos) << unknown.error().detail;
    EXPECT_NE(unknown.error().detail.find("price_no: there is none"), std::string::npos) << unknown.error().detail;
    EXPECT_EQ(on_sale().size(), 4u);
}

// What somebody bought stays theirs when the price is no longer sold, and they can go on from there.
TEST_P(Catalog, ASubscriberKeepsThePriceAndMayChangeThePlan) {
    sell({});
    world->subscribe("acme", "plus");
    world->subscribe("zeta", "basic");
    sell({.basic = "{eur: 550, usd: 600}"});
    EXPECT_EQ(world->show("zeta", "shop"), "basic active");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "basic"))));
    world->deliver();
    EXPECT_EQ(world->show("acme", "shop"), "plus active next=basic");
    world->set_card("zeta");
    ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing("zeta", "plus"))));
    world->deliver();
    EXPECT_EQ(world->show("zeta", "shop"), "plus active");
}

// Beside a running server that has not read the new file yet: what apply recorded stays.
TEST_P(Catalog, AServerWithTheOldFileDoesNotTakeTheNewPricesOffSale) {
    sell({.has_plus = false});
    ASSERT_TRUE(is_ok(apply({})));
    world->deliver();  // the world still has the file without `plus`
    EXPECT_EQ(on_sale().size(), 4u);
}

// The process dies, or an answer is lost, at every call that writes: applying again ends in the same state.
TEST_P(Catalog, AnApplyThatBreaksOffIsFinishedByTheNext) {
    Shop const one{}, other{.basic = "{eur: 550, usd: 600}", .name = "Entry", .has_plus = false};
    Words const expected_prices[] = {{"on shop_basic_month 500", "off - 550"},
                                     {"off - 500", "on shop_basic_month 550"}};
    using Fault = FaultyTransport::Fault;
    for (auto const fault : {Fault::lost_before, Fault::lost_after, Fault::death_before, Fault::death_after}) {
        bool has_broken = true;
        for (int at = 0; has_broken; ++at) {
            ASSERT_LT(at, 20);
            for (bool const forth : {true, false}) {
                auto const& wanted = forth ? other : one;
                int writes = 0;
                has_broken = false;
                world->transport->choose([&](net::HttpRequest const& request) {
                    // A lost answer is asked for again by the client itself, so all tries of the call are lost.
                    bool const is_hit =
                        request.method != "GET" && (writes++ == at || (has_broken && fault < Fault::death_before));
                    has_broken = has_broken || is_hit;
                    return is_hit ? fault : Fault::none;
                });
                try {
                    bool const is_done = apply(wanted).has_value();
                    EXPECT_EQ(is_done, !has_broken);
                } catch (Death const&) {
                }
                world->transport->choose({});
                ASSERT_TRUE(is_ok(apply(wanted)));
                EXPECT_EQ(kinds(*plan(wanted)), Words{});
                EXPECT_EQ(prices_at_stripe("basic"), expected_prices[forth]) << "broken at call " << at;
                EXPECT_EQ(at_product("basic", "name"), forth ? "Entry" : "Basic");
                EXPECT_EQ(at_product("plus", "active"), forth ? "false" : "true");
                EXPECT_EQ(on_sale().size(), forth ? 2u : 4u);
            }
        }
    }
}

// PRODUCT 1.3: who bought before the price was changed keeps it until moved, also with more or fewer of it.
TEST_P(Catalog, AnEarlierPriceIsKeptByAChangeOfQuantity) {
    sell({});
    world->subscribe("acme", "basic");
    auto const bought = price_id("shop_basic_month");
    sell({.basic = "{eur: 700, usd: 800}"});
    ASSERT_NE(price_id("shop_basic_month"), bought);
    auto const held = [&] { return world->view("acme", "shop").subscription->items.at(0); };

    auto more = world->changing("acme", "basic");
    more.target.quantity = 2;
    auto const preview = preview_change(*world->commands, more);
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->relation, subscription::Relation::quantity);
    EXPECT_EQ(preview->current->amount, 500);
    EXPECT_EQ(preview->target.amount, 500);
    EXPECT_EQ(preview->amount_due_now, 500) << "one more for the whole period";
    EXPECT_EQ(preview->next_invoice->amount, 1000);
    auto const changed = change_plan(*world->commands, more);
    ASSERT_TRUE(is_ok(changed));
    EXPECT_EQ(changed->change.amount_due_now, 500);
    EXPECT_EQ(held().stripe_price_id, bought);
    EXPECT_EQ(held().quantity, 2);

    auto const present = preview_change(*world->commands, world->changing("acme", "basic"));
    ASSERT_TRUE(is_ok(present));
    EXPECT_EQ(present->relation, subscription::Relation::same);
    EXPECT_EQ(present->current->amount, 500);
    EXPECT_EQ(present->next_invoice->amount, 1000);
    world->advance(Duration::days(32));
    world->deliver();
    world->advance(Duration::hours(2));
    world->deliver();
    auto const invoice =
        world->at_stripe("GET", "/v1/invoices/" + world->view("acme", "shop").subscription->latest_invoice_id);
    EXPECT_EQ(string_or(invoice, "billing_reason"), "subscription_cycle");
    EXPECT_EQ(int_or(invoice, "total"), 1000);

    // Another plan is bought at today's price, and what is left of the earlier one counts by what it cost.
    auto const up = preview_change(*world->commands, world->changing("acme", "plus"));
    ASSERT_TRUE(is_ok(up));
    EXPECT_EQ(up->current->amount, 500);
    EXPECT_EQ(up->target.amount, 1500);
    EXPECT_EQ(up->next_invoice->amount, 3000);
}

// The running phase of a schedule repeats the price that is off sale.
TEST_P(Catalog, AnEarlierPriceDoesNotStandInTheWayOfADowngrade) {
    sell({});
    world->subscribe("acme", "plus");
    world->at_stripe("POST", "/v1/prices/" + price_id("shop_plus_month"), "active=false");
    auto const down = change_plan(*world->commands, world->changing("acme", "basic"));
    ASSERT_TRUE(is_ok(down));
    EXPECT_EQ(world->show("acme", "shop"), "plus active next=basic");
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme", "shop"), "basic active");
}

}  // namespace
}  // namespace billhook::flow::catalog_test
