#include <algorithm>
#include <charconv>

#include "base/nearest_name.h"
#include "domain/catalog/sections.h"

namespace billhook::catalog {
namespace {

constexpr std::int64_t amount_max = 999'999'999'999;  // Stripe's longest: twelve digits

// "29.00" eur → "; for 29.00 write 2900", where that is exact in minor units.
std::string minor_units_hint(std::string const& text, int exponent) {
    auto const point = text.find('.');
    if (point == std::string::npos || point == 0) return {};
    auto decimals = text.substr(point + 1);
    while (decimals.size() > static_cast<std::size_t>(exponent) && decimals.ends_with('0')) decimals.pop_back();
    if (decimals.size() > static_cast<std::size_t>(exponent)) return {};
    decimals.resize(exponent, '0');
    auto const digits = text.substr(0, point) + decimals;
    std::int64_t amount = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
    if (error != std::errc{} || end != digits.data() + digits.size() || amount < 0) return {};
    return "; for " + text + " write " + std::to_string(amount);
}

std::string minor_unit_words(std::string const& currency, int exponent) {
    auto const range = " from 0 to " + std::to_string(amount_max);
    if (exponent == 0) return "a whole number of " + currency + " (it has no minor unit)" + range;
    return "a whole number of minor units (1 " + currency + " = " + (exponent == 3 ? "1000" : "100") + ")" + range;
}

void read_amount(Context& context, YamlNode::Entry const& entry, std::string const& path, Price& price) {
    auto const& currencies = context.catalog.currencies;
    if (context.reading.has_problem_at("currencies")) return;
    if (std::ranges::find(currencies, entry.key) == currencies.end()) {
        std::vector<std::string_view> const names(currencies.begin(), currencies.end());
        return context.reading.report(entry.position, path,
                                      "unknown currency '" + entry.key + "'; expected one of `currencies`: " +
                                          one_of(names) + nearest_name_hint(entry.key, names));
    }
    auto const exponent = Currency::parse(entry.key)->exponent();
    auto const amount = parse_whole_number(entry.value);
    auto const entry_path = path + "." + entry.key;
    if (!amount || *amount < 0 || *amount > amount_max)
        return context.reading.report_found(
            entry.value, entry_path,
            minor_unit_words(entry.key, exponent) + minor_units_hint(entry.value.text, exponent));
    // Stripe: amounts of three-decimal currencies have to be a multiple of ten.
    if (exponent == 3 && *amount % 10 != 0)
        return context.reading.report_found(
            entry.value, entry_path, "a multiple of 10, because Stripe charges " + entry.key + " to two decimals only");
    price.amounts[entry.key] = *amount;
}

void read_amounts(Context& context, Fields& fields, Price& price, CurrenciesNeeded needed) {
    auto const* node = fields.find("amounts");
    if (!node) {
        if (!price.stripe_price_id) fields.require("amounts", "an amount for each currency, or stripe_price_id");
        return;
    }
    auto const path = fields.path_of("amounts");
    auto const problems_before = context.reading.problems.size();
    if (node->kind != YamlNode::Kind::mapping)
        return context.reading.report_found(*node, path, "a mapping from currency to amount in minor units");
    for (auto const& entry : node->entries) {
        if (node->find(entry.key) != &entry.value)
            context.reading.report(entry.position, path, "'" + entry.key + "' is given twice");
        else
            read_amount(context, entry, path, price);
    }
    if (context.reading.problems.size() != problems_before) return;
    if (context.reading.has_problem_at("currencies")) return;
    for (auto const& currency : context.catalog.currencies) {
        bool const is_needed = needed == CurrenciesNeeded::all || currency == context.catalog.default_currency;
        if (is_needed && !price.amounts.contains(currency))
            context.reading.report(
                node->position, path,
                "an amount in " + currency + " is missing" +
                    (needed == CurrenciesNeeded::all ? "; a visible self-service plan has one for each currency"
                                                     : "; it is the catalog's `currency`"));
    }
}

bool is_lookup_key(std::string_view text) {
    return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

void read_lookup_key(Context& context, Fields& fields, YamlNode::Entry const& entry, std::string const& stem,
                     std::string const& path, Price& price) {
    price.lookup_key = fields.text("lookup_key", stem + "_" + entry.key, 200);
    auto const* node = fields.find("lookup_key");
    if (!is_lookup_key(price.lookup_key))
        return context.reading.report_found(*node, path + ".lookup_key",
                                            "1 to 200 printable characters without spaces");
    auto const [other, is_new] = context.lookup_keys.emplace(price.lookup_key, path);
    if (!is_new)
        context.reading.report(node ? node->position : entry.position, path + ".lookup_key",
                               "the lookup key '" + price.lookup_key + "' is already that of " + other->second +
                                   "; expected a unique one");
}

// ${STRIPE_PRICE_…:-} gives an empty text: no price of Stripe's, so ours is created.
void read_stripe_price_id(Context& context, Fields& fields, std::string const& path, Price& price) {
    auto const* id = fields.find("stripe_price_id");
    if (!id || (id->kind == YamlNode::Kind::scalar && id->text.empty())) return;
    auto const id_path = path + ".stripe_price_id";
    if (!is_lookup_key(id->text) || id->text.starts_with("prod_"))
        return context.reading.report_found(*id, id_path, "the id of a price in Stripe, price_…");
    auto const [other, is_new] = context.stripe_price_ids.emplace(id->text, path);
    if (!is_new)
        context.reading.report(id->position, id_path,
                               "the price '" + id->text + "' is already that of " + other->second +
                                   "; expected another one: what a customer bought is known by it");
    price.stripe_price_id = id->text;
}

}  // namespace

std::vector<Price> read_prices(Context& context, YamlNode const& node, std::string const& path, std::string const& stem,
                               CurrenciesNeeded needed) {
    std::vector<Price> prices;
    Fields const intervals(context.reading, node, path, {"month", "year"});
    if (intervals.is_mapping() && node.entries.empty())
        context.reading.report(node.position, path, "found no interval, expected month, year or both");
    for (auto const& entry : node.entries) {
        if (entry.key != "month" && entry.key != "year") continue;
        auto const entry_path = intervals.path_of(entry.key);
        Fields fields(context.reading, entry.value, entry_path, {"amounts", "lookup_key", "stripe_price_id"});
        if (!fields.is_mapping() || node.find(entry.key) != &entry.value) continue;
        Price price;
        price.interval = entry.key == "month" ? IntervalUnit::month : IntervalUnit::year;
        read_stripe_price_id(context, fields, entry_path, price);
        read_lookup_key(context, fields, entry, stem, entry_path, price);
        read_amounts(context, fields, price, needed);
        prices.push_back(std::move(price));
    }
    std::ranges::sort(prices, {}, &Price::interval);
    return prices;
}

}  // namespace billhook::catalog
