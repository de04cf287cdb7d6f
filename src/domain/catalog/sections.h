#pragma once
// The sections of the catalog file, each with a reader of its own. parse.cc calls them in the order in which they need
// one another: currencies and defaults, meters, features, add-ons, lines.

#include <map>
#include <string>
#include <vector>

#include "domain/catalog/catalog.h"
#include "domain/catalog/fields.h"

namespace billhook::catalog {

inline constexpr int trial_days_max = 730;  // Stripe's longest trial

/// What the readers share: the catalog so far, and what has to be unique across sections.
struct Context {
    Reading& reading;
    Catalog& catalog;
    std::vector<std::string> line_codes;  // of the whole file, before the lines are read
    int trial_days = 14;                  // what a plan has that says nothing
    bool trial_needs_card = true;
    OverLimitPolicy over_limit = OverLimitPolicy::freeze;
    std::map<std::string, std::string> sold_codes = {};        // plan or add-on code → its path
    std::map<std::string, std::string> lookup_keys = {};       // lookup key → path of the price
    std::map<std::string, std::string> stripe_price_ids = {};  // id in Stripe → path of the price
};

void read_meters(Context& context, YamlNode const& node);
void read_features(Context& context, YamlNode const& node);
void read_add_ons(Context& context, YamlNode const& node);
void read_lines(Context& context, YamlNode const& node);

/// Which currencies a price has to name.
enum class CurrenciesNeeded { all, standard_only };
/// `stem` begins the lookup keys of prices that name none: <stem>_<interval>.
std::vector<Price> read_prices(Context& context, YamlNode const& node, std::string const& path, std::string const& stem,
                               CurrenciesNeeded needed);

std::map<std::string, FeatureValue> read_feature_values(Context& context, YamlNode const& node,
                                                        std::string const& path);

}  // namespace billhook::catalog
