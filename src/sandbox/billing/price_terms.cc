#include "sandbox/billing/price_terms.h"

#include <algorithm>

#include "base/money.h"
#include "sandbox/billing/fields.h"

namespace billhook::sandbox {
namespace {

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

std::int64_t times(DecimalAmount unit, std::int64_t quantity) {
    return multiply_ratio(unit.value, quantity, power_of_ten(unit.scale));
}

DecimalAmount decimal_of(JsonObject const& holder, std::string_view name) {
    if (auto const decimal = parse_decimal(text_at(holder, std::string(name) + "_decimal"))) return *decimal;
    return {int_at(holder, name), 0};
}

std::vector<PriceTier> tiers_of(JsonObject const& holder) {
    std::vector<PriceTier> tiers;
    for (auto const& tier : array_at(holder, "tiers")) {
        auto const& fields = tier.as_object();
        auto const flat = decimal_of(fields, "flat_amount");
        tiers.push_back({time_at(fields, "up_to"), decimal_of(fields, "unit_amount"), times(flat, 1)});
    }
    return tiers;
}

std::int64_t graduated(std::vector<PriceTier> const& tiers, std::int64_t quantity) {
    std::int64_t amount = 0, below = 0;
    for (auto const& tier : tiers) {
        auto const reach = tier.up_to ? std::min(*tier.up_to, quantity) : quantity;
        // The flat amount of the first tier is owed even for a quantity of nothing.
        if (reach <= below && (below != 0 || quantity != 0)) break;
        amount += times(tier.unit_amount, reach - below) + tier.flat_amount;
        if (reach >= quantity) break;
        below = reach;
    }
    return amount;
}

std::int64_t by_volume(std::vector<PriceTier> const& tiers, std::int64_t quantity) {
    for (auto const& tier : tiers)
        if (!tier.up_to || quantity <= *tier.up_to) return times(tier.unit_amount, quantity) + tier.flat_amount;
    return 0;
}

}  // namespace

std::optional<DecimalAmount> parse_decimal(std::string_view text) {
    DecimalAmount decimal;
    bool const is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    bool is_after_point = false, has_digit = false;
    for (char const c : text) {
        if (c == '.' && !is_after_point) {
            is_after_point = true;
            continue;
        }
        if (c < '0' || c > '9' || decimal.scale >= 12) return std::nullopt;
        has_digit = true;
        decimal.value = decimal.value * 10 + (c - '0');
        decimal.scale += is_after_point;
    }
    if (!has_digit) return std::nullopt;
    if (is_negative) decimal.value = -decimal.value;
    return decimal;
}

PriceTerms price_terms(JsonObject const& price, std::string const& currency) {
    PriceTerms terms;
    terms.id = text_at(price, "id");
    terms.product = text_at(price, "product");
    terms.currency = text_at(price, "currency");
    if (auto const unit = text_at(price, "recurring.interval"); !unit.empty())
        terms.interval = Interval{parse_interval_unit(unit).value_or(IntervalUnit::month),
                                  static_cast<int>(int_at(price, "recurring.interval_count", 1))};
    terms.is_metered = text_at(price, "recurring.usage_type") == "metered";
    terms.meter = text_at(price, "recurring.meter");
    terms.is_volume = text_at(price, "tiers_mode") == "volume";
    terms.divide_by = std::max<std::int64_t>(1, int_at(price, "transform_quantity.divide_by", 1));
    terms.rounds_packages_up = text_at(price, "transform_quantity.round") == "up";
    auto const* option =
        currency.empty() || currency == terms.currency ? nullptr : value_at(price, "currency_options." + currency);
    if (option) terms.currency = currency;
    auto const& amounts = option && option->is_object() ? option->get_object() : price;
    terms.unit_amount = decimal_of(amounts, "unit_amount");
    terms.tiers = tiers_of(amounts);
    return terms;
}

std::int64_t amount_of(PriceTerms const& price, std::int64_t quantity) {
    if (price.divide_by > 1)
        quantity = (quantity + (price.rounds_packages_up ? price.divide_by - 1 : 0)) / price.divide_by;
    if (price.tiers.empty()) return times(price.unit_amount, quantity);
    return price.is_volume ? by_volume(price.tiers, quantity) : graduated(price.tiers, quantity);
}

}  // namespace billhook::sandbox
