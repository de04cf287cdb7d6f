#include "domain/catalog/catalog.h"

#include <algorithm>

namespace billhook::catalog {

char const* to_string(FeatureType type) {
    switch (type) {
        case FeatureType::flag:
            return "flag";
        case FeatureType::limit:
            return "limit";
        case FeatureType::metered:
            return "metered";
    }
    return "";
}

char const* to_string(OverLimitPolicy policy) {
    switch (policy) {
        case OverLimitPolicy::block:
            return "block";
        case OverLimitPolicy::freeze:
            return "freeze";
        case OverLimitPolicy::release:
            return "release";
    }
    return "";
}

char const* to_string(StalePolicy policy) {
    switch (policy) {
        case StalePolicy::open:
            return "open";
        case StalePolicy::closed:
            return "closed";
        case StalePolicy::last_known:
            return "last_known";
    }
    return "";
}

Price const* Plan::find_price(IntervalUnit interval) const {
    auto const found = std::ranges::find(prices, interval, &Price::interval);
    return found == prices.end() ? nullptr : &*found;
}

ProductLine const* Catalog::find_line(std::string_view code) const {
    auto const found = std::ranges::find(lines, code, &ProductLine::code);
    return found == lines.end() ? nullptr : &*found;
}

Plan const* Catalog::find_plan(std::string_view code) const {
    auto const found = plans.find(std::string(code));
    return found == plans.end() ? nullptr : &found->second;
}

Feature const* Catalog::find_feature(std::string_view code) const {
    auto const found = features.find(std::string(code));
    return found == features.end() ? nullptr : &found->second;
}

Catalog::Found Catalog::find_by_lookup_key(std::string_view lookup_key) const {
    for (auto const& [code, plan] : plans)
        for (auto const& price : plan.prices)
            if (price.lookup_key == lookup_key) return {&plan, &price};
    return {};
}

}  // namespace billhook::catalog
