#pragma once
// AddOn: something bought beside a plan, as a further item of its subscription.

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "domain/catalog/feature.h"
#include "domain/catalog/price.h"

namespace billhook::catalog {

enum class ConfigurationType { text, number, boolean, choice };
char const* to_string(ConfigurationType type);

/// One thing that a buyer has to say, such as the name of a domain.
struct ConfigurationField {
    std::string name;
    ConfigurationType type = ConfigurationType::text;
    bool is_required = true;
    std::int64_t min = 0;  // of a number; of a text's length
    std::int64_t max = 0;
    std::vector<std::string> choices;
    auto operator<=>(ConfigurationField const&) const = default;
};

struct AddOn {
    std::string code;  // unique among plans and add-ons
    std::string name;
    std::string description;
    std::vector<std::string> lines;  // whose plans it may be bought beside
    std::vector<Price> prices;
    std::vector<std::int64_t> packages;            // the quantities that are sold, rising
    std::map<std::string, FeatureValue> features;  // what one unit gives
    std::vector<ConfigurationField> configuration;
    auto operator<=>(AddOn const&) const = default;
};

}  // namespace billhook::catalog
