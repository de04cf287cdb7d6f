// Every mistake that a catalog file can have, each as one change to a good file, with the exact place and words.

#include <gtest/gtest.h>

#include <span>

#include "domain/catalog/parse.h"

namespace billhook::catalog::mistakes_test {
namespace {

constexpr char good[] =
    /*  1 */
    "currency: eur\n"
    /*  2 */
    "currencies: [eur, jpy, kwd]\n"
    /*  3 */
    "meters:\n"
    /*  4 */
    "  calls: {aggregation: count}\n"
    /*  5 */
    "features:\n"
    /*  6 */
    "  clients: {type: gauge}\n"
    /*  7 */
    "  export: {type: flag}\n"
    /*  8 */
    "  calls: {type: metered}\n"
    /*  9 */
    "add_ons:\n"
    /* 10 */
    "  ssl:\n"
    /* 11 */
    "    name: SSL\n"
    /* 12 */
    "    prices: {month: {amounts: {eur: 300, jpy: 400, kwd: 1000}}}\n"
    /* 13 */
    "    configuration: {host: {type: text}}\n"
    /* 14 */
    "lines:\n"
    /* 15 */
    "  tier:\n"
    /* 16 */
    "    name: Tier\n"
    /* 17 */
    "    plans:\n"
    /* 18 */
    "      basic:\n"
    /* 19 */
    "        name: Basic\n"
    /* 20 */
    "        rank: 1\n"
    /* 21 */
    "        prices:\n"
    /* 22 */
    "          month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}\n"
    /* 23 */
    "        features: {clients: 9, export: true}\n"
    /* 24 */
    "      pro:\n"
    /* 25 */
    "        name: Pro\n"
    /* 26 */
    "        rank: 2\n"
    /* 27 */
    "        prices:\n"
    /* 28 */
    "          month: {amounts: {eur: 1900, jpy: 3000, kwd: 6000}}\n"
    /* 29 */
    "  ai:\n"
    /* 30 */
    "    name: AI\n"
    /* 31 */ "    plans: {ai_basic: {name: AI, rank: 1, prices: {year: {amounts: {eur: 1, jpy: 1, kwd: 10}}}}}\n";

struct Case {
    char const* from;  // what is replaced in the good file
    char const* to;
    char const* problems;  // without the file's name; several are joined by " | "
};

std::string problems_of(std::string const& text, Variables const& variables = {}) {
    auto const parsed = parse_catalog({"f", text}, variables);
    if (parsed) return "none";
    std::string out;
    for (auto const& problem : parsed.error()) out += (out.empty() ? "" : " | ") + to_text(problem).substr(2);
    return out;
}

void expect(std::span<Case const> cases) {
    for (auto const& c : cases) {
        std::string text = good;
        auto const at = text.find(c.from);
        ASSERT_NE(at, std::string::npos) << c.from;
        text.replace(at, std::string_view(c.from).size(), c.to);
        EXPECT_EQ(problems_of(text), c.problems) << c.from << " → " << c.to;
    }
}

TEST(CatalogMistakes, TheGoodFileHasNone) {
    EXPECT_EQ(problems_of(good), "none");
}

// clang-format off
TEST(CatalogMistakes, ShapeOfTheFile) {
    Case const cases[] = {
        {"lines:", "lnes:", "1:1: the key 'lines' is missing; expected product lines with their plans | 14:1: unknown key 'lnes'; did you mean 'lines'?"},
        {"currency: eur\n", "currency: eur\nversion: 1\n", "2:1: unknown key 'version'; expected currency, currencies, trial_days, trial_needs_card, grace_days, soft_days, over_limit, meters, features, add_ons or lines"},
        {"currency: eur\n", "currency: eur\ngrace_days: 7\ngrace_days: 8\n", "3:1: grace_days: the key 'grace_days' is given twice"},
        {"lines:\n", "lines: []\nunused:\n", "14:8: lines: found a list, expected a mapping from codes | 15:1: unknown key 'unused'; expected currency, currencies, trial_days, trial_needs_card, grace_days, soft_days, over_limit, meters, features, add_ons or lines"},
        {"meters:\n  calls: {aggregation: count}\n", "meters: 5\n", "3:9: meters: found '5', expected a mapping from codes"},
        {"    name: Tier\n", "    name: Tier\n\tplans: x\n", "17:1: not valid YAML: illegal tab when looking for indentation"},
        {"    name: Tier\n", "    name: Tier: x\n", "16:15: not valid YAML: illegal map value"},
        {"    name: Tier\n", "    name: &n Tier\n", "16:11: anchors (&n) are not supported; write the value out where it is needed"},
        {"    name: Tier\n", "    name: *n\n", "16:11: not valid YAML: the referenced anchor is not defined"},
        {"    name: Tier\n", "    name: !!str Tier\n", "16:11: tags (tag:yaml.org,2002:str) are not supported"},
        {"    name: Tier\n", "    name: \"Tier\n", "32:1: not valid YAML: illegal EOF in scalar"},
        {"currency: eur\n", "--- {a: b}\n---\n", "32:90: expected one document, found a second"},
        {"  ai:\n", "  Ai:\n", "29:3: lines: found the code 'Ai', expected lower-case letters, digits and underscores, a letter first, at most 40"},
        {"  ai:\n", "  tier:\n", "29:3: lines: 'tier' is given twice"},
        {"      pro:\n", "      pro-plan:\n", "24:7: lines.tier.plans: found the code 'pro-plan', expected lower-case letters, digits and underscores, a letter first, at most 40"},
        {"      pro:\n", "      basic:\n", "24:7: lines.tier.plans: 'basic' is given twice"},
    };
    expect(cases);
}

TEST(CatalogMistakes, CurrenciesAndDefaults) {
    Case const cases[] = {
        {"currency: eur\n", "", "1:1: the key 'currency' is missing; expected the currency in which prices are shown first, such as eur"},
        {"currency: eur\n", "currency: usd\n", "1:11: currency: 'usd' is not among `currencies`; expected one of them"},
        {"currency: eur\n", "currency: EUR\n", "1:11: currency: found 'EUR', expected a currency in lower case, such as eur"},
        {"currency: eur\n", "currency: [eur]\n", "1:11: currency: found a list, expected a text of 1 to 250 bytes"},
        {"[eur, jpy, kwd]", "[eur, jpy, kwd, euro]", "2:29: currencies: found 'euro', expected a currency in lower case, such as eur"},
        {"[eur, jpy, kwd]", "[eur, jpy, kwd, eur]", "2:29: currencies: 'eur' is named twice"},
        {"[eur, jpy, kwd]", "{eur: 1}", "2:13: currencies: found a mapping, expected a list of words"},
        {"currency: eur\n", "currency: eur\ngrace_days: -1\n", "2:13: grace_days: found '-1', expected a whole number from 0 to 365"},
        {"currency: eur\n", "currency: eur\ngrace_days: 7 days\n", "2:13: grace_days: found '7 days', expected a whole number from 0 to 365"},
        {"currency: eur\n", "currency: eur\ntrial_days: 731\n", "2:13: trial_days: found '731', expected a whole number from 0 to 730"},
        {"currency: eur\n", "currency: eur\ntrial_needs_card: yes\n", "2:19: trial_needs_card: found 'yes', expected true or false"},
        {"currency: eur\n", "currency: eur\nover_limit: freze\n", "2:13: over_limit: found 'freze', expected block, freeze or release; did you mean 'freeze'?"},
    };
    expect(cases);
}

TEST(CatalogMistakes, FeaturesAndMeters) {
    Case const cases[] = {
        {"export: {type: flag}", "export: {}", "7:11: features.export: the key 'type' is missing; expected flag, limit, gauge, devices or metered"},
        {"export: {type: flag}", "export: flag", "7:11: features.export: found 'flag', expected a mapping with name, type, soft, over_limit, release_first, when_stale or meter"},
        {"export: {type: flag}", "export: {type: flags}", "7:18: features.export.type: found 'flags', expected flag, limit, gauge, devices or metered; did you mean 'flag'?"},
        {"export: {type: flag}", "export: {type: flag, sfot: true}", "7:24: features.export: unknown key 'sfot'; did you mean 'soft'?"},
        {"export: {type: flag}", "export: {type: flag, soft: 1}", "7:30: features.export.soft: found '1', expected true or false"},
        {"export: {type: flag}", "export: {type: flag, soft: 'true'}", "7:30: features.export.soft: found the text 'true', expected true or false"},
        {"export: {type: flag}", "export: {type: flag, over_limit: block}", "7:36: features.export.over_limit: only a limit, a gauge or a device limit has `over_limit`"},
        {"export: {type: flag}", "export: {type: flag, meter: calls}", "7:31: features.export.meter: only a metered feature has `meter`"},
        {"export: {type: flag}", "export: {type: flag, when_stale: opened}", "7:36: features.export.when_stale: found 'opened', expected open, closed or last_known; did you mean 'open'?"},
        {"clients: {type: gauge}", "clients: {type: limit, over_limit: release}", "6:38: features.clients.over_limit: a plain limit has nothing to release; expected block or freeze, or `type: gauge`"},
        {"clients: {type: gauge}", "clients: {type: limit, release_first: oldest}", "6:41: features.clients.release_first: only a gauge or a device limit has `release_first`"},
        {"clients: {type: gauge}", "clients: {type: devices, release_first: newest}", "6:43: features.clients.release_first: found 'newest', expected oldest or least_recently_seen"},
        {"calls: {type: metered}", "calls: {type: metered, meter: cals}", "8:33: features.calls.meter: there is no meter 'cals'; expected one of `meters`; did you mean 'calls'?"},
        {"calls: {type: metered}", "api: {type: metered}", "8:8: features.api.meter: there is no meter 'api'; expected one of `meters`"},
        {"calls: {aggregation: count}", "calls: {}", "4:10: meters.calls: the key 'aggregation' is missing; expected sum, count, max, last or unique | 4:10: meters.calls: the key 'value' is missing; expected the event's property that is aggregated"},
        {"calls: {aggregation: count}", "calls: {aggregation: sum}", "4:10: meters.calls: the key 'value' is missing; expected the event's property that is aggregated"},
        {"calls: {aggregation: count}", "calls: {aggregation: count, value: n}", "4:38: meters.calls.value: events are counted; leave `value` out"},
        {"calls: {aggregation: count}", "calls: {aggregation: avg, value: n}", "4:24: meters.calls.aggregation: found 'avg', expected sum, count, max, last or unique"},
        {"calls: {aggregation: count}", "calls: {aggregation: count, period: rolling}", "4:10: meters.calls: the key 'rolling_days' is missing; expected the length of the rolling period in days"},
        {"calls: {aggregation: count}", "calls: {aggregation: count, rolling_days: 30}", "4:45: meters.calls.rolling_days: only `period: rolling` has rolling_days"},
        {"calls: {aggregation: count}", "calls: {aggregation: count, period: monthly}", "4:39: meters.calls.period: found 'monthly', expected calendar_month, billing_period or rolling"},
        {"calls: {aggregation: count}", "calls: {aggregation: count, decimals: 10}", "4:41: meters.calls.decimals: found '10', expected a whole number from 0 to 9"},
        {"calls: {aggregation: count}", "calls: {aggregation: count, group_by: {a: b}}", "4:41: meters.calls.group_by: found a mapping, expected a list of words"},
    };
    expect(cases);
}

TEST(CatalogMistakes, LinesAndPlans) {
    Case const cases[] = {
        {"        name: Basic\n", "", "19:9: lines.tier.plans.basic: the key 'name' is missing; expected a text"},
        {"        name: Basic\n", "        name: ''\n", "19:15: lines.tier.plans.basic.name: found the text '', expected a text of 1 to 250 bytes"},
        {"        name: Basic\n", "        name: [Basic]\n", "19:15: lines.tier.plans.basic.name: found a list, expected a text of 1 to 250 bytes"},
        {"        rank: 1\n", "", "19:9: lines.tier.plans.basic: the key 'rank' is missing; expected a number that orders the line's plans"},
        {"        rank: 1\n", "        rank: one\n", "20:15: lines.tier.plans.basic.rank: found 'one', expected a whole number from 0 to 1000"},
        {"        rank: 1\n", "        rank: 1.5\n", "20:15: lines.tier.plans.basic.rank: found '1.5', expected a whole number from 0 to 1000"},
        {"        rank: 1\n", "        rank: '1'\n", "20:15: lines.tier.plans.basic.rank: found the text '1', expected a whole number from 0 to 1000"},
        {"        rank: 1\n", "        rank: 1001\n", "20:15: lines.tier.plans.basic.rank: found '1001', expected a whole number from 0 to 1000"},
        {"        rank: 2\n", "        rank: 1\n", "26:15: lines.tier.plans.pro.rank: found '1', expected a rank of its own; 'basic' has that one"},
        {"        rank: 2\n", "        rank: 2\n        rank: 3\n", "27:9: lines.tier.plans.pro.rank: the key 'rank' is given twice"},
        {"        rank: 2\n", "        rank: 2\n        trail_days: 14\n", "27:9: lines.tier.plans.pro: unknown key 'trail_days'; did you mean 'trial_days'?"},
        {"        rank: 2\n", "        rank: 2\n        self_service: maybe\n", "27:23: lines.tier.plans.pro.self_service: found 'maybe', expected true or false"},
        {"        rank: 2\n", "        rank: 2\n        included_add_ons: [ssll]\n", "27:28: lines.tier.plans.pro.included_add_ons: there is no add-on 'ssll'; expected `all` or some of `add_ons`; did you mean 'ssl'?"},
        {"        rank: 2\n", "        rank: 2\n        included_add_ons: {ssl: true}\n", "27:27: lines.tier.plans.pro.included_add_ons: found a mapping, expected a list of words"},
        {"    plans: {ai_basic:", "    plans: {basic:", "31:13: lines.ai.plans.basic: the code 'basic' is already that of lines.tier.plans.basic; expected one that is unique among all plans and add-ons"},
        {"    plans: {ai_basic:", "    plans: {ssl:", "31:13: lines.ai.plans.ssl: the code 'ssl' is already that of add_ons.ssl; expected one that is unique among all plans and add-ons"},
        {"    name: Tier\n", "    name: Tier\n    default_plan: basic\n", "17:19: lines.tier.default_plan: the plan 'basic' has prices; expected one that is free, because customers without a subscription have it"},
        {"    name: Tier\n", "    name: Tier\n    default_plan: bsic\n", "17:19: lines.tier.default_plan: there is no plan 'bsic' in this line; did you mean 'basic'?"},
        {"{clients: 9, export: true}", "{clints: 9}", "23:20: lines.tier.plans.basic.features: there is no feature 'clints'; expected one of `features`; did you mean 'clients'?"},
        {"{clients: 9, export: true}", "{clients: many}", "23:29: lines.tier.plans.basic.features.clients: found 'many', expected a whole number from 0 to 1000000000000000, unlimited, or false where the plan lacks it"},
        {"{clients: 9, export: true}", "{clients: -1}", "23:29: lines.tier.plans.basic.features.clients: found '-1', expected a whole number from 0 to 1000000000000000, unlimited, or false where the plan lacks it"},
        {"{clients: 9, export: true}", "{clients: true}", "23:29: lines.tier.plans.basic.features.clients: found 'true', expected a whole number from 0 to 1000000000000000, unlimited, or false where the plan lacks it"},
        {"{clients: 9, export: true}", "{clients: 99999999999999999999}", "23:29: lines.tier.plans.basic.features.clients: found '99999999999999999999', expected a whole number from 0 to 1000000000000000, unlimited, or false where the plan lacks it"},
        {"{clients: 9, export: true}", "{export: 1}", "23:28: lines.tier.plans.basic.features.export: found '1', expected true or false, because 'export' is a flag"},
        {"{clients: 9, export: true}", "[clients]", "23:19: lines.tier.plans.basic.features: found a list, expected a mapping from codes"},
        {"{clients: 9, export: true}", "{export: true, export: false}", "23:34: lines.tier.plans.basic.features: 'export' is given twice"},
    };
    expect(cases);
}

TEST(CatalogMistakes, Prices) {
    Case const cases[] = {
        {"        prices:\n          month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}\n", "", "18:7: lines.tier.plans.basic: a self-service plan needs `prices`; expected month, year or both (or `self_service: false`, or the line's `default_plan: basic`)"},
        {"        prices:\n          month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}\n", "        prices: {}\n", "21:17: lines.tier.plans.basic.prices: found no interval, expected month, year or both"},
        {"          month: {amounts: {eur: 900,", "          months: {amounts: {eur: 900,", "22:11: lines.tier.plans.basic.prices: unknown key 'months'; did you mean 'month'?"},
        {"          month: {amounts: {eur: 900,", "          month: {amount: {eur: 900,", "22:18: lines.tier.plans.basic.prices.month: the key 'amounts' is missing; expected an amount for each currency, or stripe_price_id | 22:19: lines.tier.plans.basic.prices.month: unknown key 'amount'; did you mean 'amounts'?"},
        {"month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}", "month: 900", "22:18: lines.tier.plans.basic.prices.month: found '900', expected a mapping with amounts, lookup_key or stripe_price_id"},
        {"month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}", "month: {amounts: 900}", "22:28: lines.tier.plans.basic.prices.month.amounts: found '900', expected a mapping from currency to amount in minor units"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 9.00, jpy: 1500, kwd: 3000}", "22:34: lines.tier.plans.basic.prices.month.amounts.eur: found '9.00', expected a whole number of minor units (1 eur = 100) from 0 to 999999999999; for 9.00 write 900"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: '29.5', jpy: 1500, kwd: 3000}", "22:34: lines.tier.plans.basic.prices.month.amounts.eur: found the text '29.5', expected a whole number of minor units (1 eur = 100) from 0 to 999999999999; for 29.5 write 2950"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 9.999, jpy: 1500, kwd: 3000}", "22:34: lines.tier.plans.basic.prices.month.amounts.eur: found '9.999', expected a whole number of minor units (1 eur = 100) from 0 to 999999999999"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 900, jpy: 1500.00, kwd: 3000}", "22:44: lines.tier.plans.basic.prices.month.amounts.jpy: found '1500.00', expected a whole number of jpy (it has no minor unit) from 0 to 999999999999; for 1500.00 write 1500"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 900, jpy: 1500, kwd: 3005}", "22:55: lines.tier.plans.basic.prices.month.amounts.kwd: found '3005', expected a multiple of 10, because Stripe charges kwd to two decimals only"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 900, jpy: 1500, kwd: 3.000}", "22:55: lines.tier.plans.basic.prices.month.amounts.kwd: found '3.000', expected a whole number of minor units (1 kwd = 1000) from 0 to 999999999999; for 3.000 write 3000"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: -900, jpy: 1500, kwd: 3000}", "22:34: lines.tier.plans.basic.prices.month.amounts.eur: found '-900', expected a whole number of minor units (1 eur = 100) from 0 to 999999999999"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 9e2, jpy: 1500, kwd: 3000}", "22:34: lines.tier.plans.basic.prices.month.amounts.eur: found '9e2', expected a whole number of minor units (1 eur = 100) from 0 to 999999999999"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 1000000000000, jpy: 1500, kwd: 3000}", "22:34: lines.tier.plans.basic.prices.month.amounts.eur: found '1000000000000', expected a whole number of minor units (1 eur = 100) from 0 to 999999999999"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 900, jpy: 1500}", "22:28: lines.tier.plans.basic.prices.month.amounts: an amount in kwd is missing; a visible self-service plan has one for each currency"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 900, jpy: 1500, kwd: 3000, usd: 1000}", "22:61: lines.tier.plans.basic.prices.month.amounts: unknown currency 'usd'; expected one of `currencies`: eur, jpy or kwd"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 900, jyp: 1500, kwd: 3000}", "22:39: lines.tier.plans.basic.prices.month.amounts: unknown currency 'jyp'; expected one of `currencies`: eur, jpy or kwd; did you mean 'jpy'?"},
        {"{eur: 900, jpy: 1500, kwd: 3000}", "{eur: 900, eur: 901, jpy: 1500, kwd: 3000}", "22:39: lines.tier.plans.basic.prices.month.amounts: 'eur' is given twice"},
        {"{eur: 900, jpy: 1500, kwd: 3000}}", "{eur: 900, jpy: 1500, kwd: 3000}, lookup_key: tier_pro_month}", "28:11: lines.tier.plans.pro.prices.month.lookup_key: the lookup key 'tier_pro_month' is already that of lines.tier.plans.basic.prices.month; expected a unique one"},
        {"{eur: 900, jpy: 1500, kwd: 3000}}", "{eur: 900, jpy: 1500, kwd: 3000}, lookup_key: 'a b'}", "22:74: lines.tier.plans.basic.prices.month.lookup_key: found the text 'a b', expected 1 to 200 printable characters without spaces"},
        {"{eur: 900, jpy: 1500, kwd: 3000}}", "{eur: 900, jpy: 1500, kwd: 3000}, stripe_price_id: prod_123}", "22:79: lines.tier.plans.basic.prices.month.stripe_price_id: found 'prod_123', expected the id of a price in Stripe, price_…"},
        {"          month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}\n", "          month: {stripe_price_id: price_1}\n          year: {stripe_price_id: price_1}\n", "23:35: lines.tier.plans.basic.prices.year.stripe_price_id: the price 'price_1' is already that of lines.tier.plans.basic.prices.month; expected another one: what a customer bought is known by it"},
        {"        rank: 1\n        prices:\n          month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}\n", "        rank: 1\n        visible: false\n        prices: {month: {amounts: {jpy: 1500}}}\n", "22:35: lines.tier.plans.basic.prices.month.amounts: an amount in eur is missing; it is the catalog's `currency`"},
        {"        rank: 1\n        prices:\n          month: {amounts: {eur: 900, jpy: 1500, kwd: 3000}}\n", "        rank: 1\n        self_service: false\n        trial_days: 14\n", "22:21: lines.tier.plans.basic.trial_days: a plan without prices has no trial; expected 0"},
    };
    expect(cases);
}

TEST(CatalogMistakes, AddOns) {
    Case const cases[] = {
        {"    name: SSL\n", "", "11:5: add_ons.ssl: the key 'name' is missing; expected a text"},
        {"    name: SSL\n", "    name: SSL\n    lines: [teir]\n", "12:13: add_ons.ssl.lines: there is no line 'teir'; expected one of `lines`; did you mean 'tier'?"},
        {"    name: SSL\n", "    name: SSL\n    packages: [5, 1]\n", "12:19: add_ons.ssl.packages: found '1', expected rising quantities, each one once"},
        {"    name: SSL\n", "    name: SSL\n    packages: [0]\n", "12:16: add_ons.ssl.packages: found '0', expected a quantity from 1 to 1000000"},
        {"    name: SSL\n", "    name: SSL\n    packages: 3\n", "12:15: add_ons.ssl.packages: found '3', expected a list of quantities, such as [1, 5, 10]"},
        {"    name: SSL\n", "    name: SSL\n    features: {ssl: true}\n", "12:16: add_ons.ssl.features: there is no feature 'ssl'; expected one of `features`"},
        {"    prices: {month: {amounts: {eur: 300, jpy: 400, kwd: 1000}}}\n", "", "11:5: add_ons.ssl: the key 'prices' is missing; expected month, year or both"},
        {"{host: {type: text}}", "{host: {type: string}}", "13:34: add_ons.ssl.configuration.host.type: found 'string', expected text, number, boolean or choice"},
        {"{host: {type: text}}", "{host: {}}", "13:27: add_ons.ssl.configuration.host: the key 'type' is missing; expected text, number, boolean or choice"},
        {"{host: {type: text}}", "{host: {type: choice}}", "13:27: add_ons.ssl.configuration.host: a choice needs `choices`, a list of words"},
        {"{host: {type: text}}", "{host: {type: text, choices: [a]}}", "13:49: add_ons.ssl.configuration.host.choices: only `type: choice` has `choices`"},
        {"{host: {type: text}}", "{host: {type: text, min: 5, max: 3}}", "13:27: add_ons.ssl.configuration.host.min: min is greater than max"},
        {"{host: {type: text}}", "{host: {type: boolean, max: 3}}", "13:48: add_ons.ssl.configuration.host.max: only a number or a text has `max`"},
    };
    expect(cases);
}

TEST(CatalogMistakes, Variables) {
    Case const cases[] = {
        {"name: Tier", "name: ${TIER_NAME}", "16:11: the environment variable TIER_NAME is not set; set it, or give a default: ${TIER_NAME:-default}"},
        {"name: Tier", "name: Tier ${TIER_NAME} and ${OTHER:-x}", "16:11: the environment variable TIER_NAME is not set; set it, or give a default: ${TIER_NAME:-default}"},
        {"name: Tier", "name: ${}", "16:11: found '${}', expected ${NAME} or ${NAME:-default}"},
        {"name: Tier", "name: ${1st}", "16:11: found '${1st}', expected ${NAME} or ${NAME:-default}"},
        {"name: Tier", "name: ${TIER_NAME", "16:11: found '${' without '}'; expected ${NAME} or ${NAME:-default}"},
        {"rank: 2", "rank: ${RANK:-two}", "26:15: lines.tier.plans.pro.rank: found 'two', expected a whole number from 0 to 1000"},
    };
    expect(cases);
    // A variable that is empty counts as unset.
    std::string text = good;
    text.replace(text.find("Tier"), 4, "${NAME}");
    EXPECT_EQ(problems_of(text, {{"NAME", ""}}), "16:11: the environment variable NAME is not set; set it, or give a default: ${NAME:-default}");
    EXPECT_EQ(problems_of(text, {{"NAME", "T"}}), "none");
}
// clang-format on

}  // namespace
}  // namespace billhook::catalog::mistakes_test
