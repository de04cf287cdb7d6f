#pragma once
// A price as a value, and what a quantity of it costs: per unit (also with decimals of a minor unit), in tiers, or in
// packages. Metered prices are asked with the usage of a period.

#include <optional>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "base/json.h"

namespace billhook::sandbox {

/// An amount in minor units that may have decimals: value / 10^scale.
struct DecimalAmount {
    std::int64_t value = 0;
    int scale = 0;
};

struct PriceTier {
    std::optional<std::int64_t> up_to;  // nothing: without end
    DecimalAmount unit_amount;
    std::int64_t flat_amount = 0;
};

struct PriceTerms {
    std::string id;
    std::string product;
    std::string currency;
    std::optional<Interval> interval = {};  // nothing: a one-time price
    bool is_metered = false;
    std::string meter = {};
    DecimalAmount unit_amount = {};
    std::vector<PriceTier> tiers = {};
    bool is_volume = false;      // of tiers; else graduated
    std::int64_t divide_by = 1;  // packages of so many
    bool rounds_packages_up = false;
};

/// From a stored price, in the given currency where it has options for several.
PriceTerms price_terms(JsonObject const& price, std::string const& currency = {});

/// The amount of a whole period in minor units, rounded half away from zero.
std::int64_t amount_of(PriceTerms const& price, std::int64_t quantity);

/// "2500" or "0.5"; nothing where it is no decimal.
std::optional<DecimalAmount> parse_decimal(std::string_view text);

}  // namespace billhook::sandbox
