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

char const* to_string(ReleaseOrder order) {
    switch (order) {
        case ReleaseOrder::oldest:
            return "oldest";
        case ReleaseOrder::least_recently_seen:
            return "least_recently_seen";
    }
    return "";
}

char const* to_string(ConfigurationType type) {
    switch (type) {
        case ConfigurationType::text:
            return "text";
        case ConfigurationType::number:
            return "number";
        case ConfigurationType::boolean:
            return "boolean";
        case ConfigurationType::choice:
            return "choice";
    }
    return "";
}

char const* to_string(Aggregation aggregation) {
    switch (aggregation) {
        case Aggregation::sum:
            return "sum";
        case Aggregation::count:
            return "count";
        case Aggregation::max:
            return "max";
        case Aggregation::last:
            return "last";
        case Aggregation::unique:
            return "unique";
    }
    return "";
}

char const* to_string(MeterPeriod period) {
    switch (period) {
        case MeterPeriod::calendar_month:
            return "calendar_month";
        case MeterPeriod::billing_period:
            return "billing_period";
        case MeterPeriod::rolling:
            return "rolling";
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

AddOn const* Catalog::find_add_on(std::string_view code) const {
    auto const found = add_ons.find(std::string(code));
    return found == add_ons.end() ? nullptr : &found->second;
}

Catalog::Found Catalog::find_by_lookup_key(std::string_view lookup_key) const {
    for (auto const& [code, plan] : plans)
        for (auto const& price : plan.prices)
            if (price.lookup_key == lookup_key) return {&plan, &price};
    return {};
}

Catalog::Found Catalog::find_by_stripe_price(std::string_view stripe_price_id, std::string_view lookup_key) const {
    for (auto const& [code, plan] : plans)
        for (auto const& price : plan.prices)
            if (price.stripe_price_id == stripe_price_id) return {&plan, &price};
    auto const found = lookup_key.empty() ? Found{} : find_by_lookup_key(lookup_key);
    return found.price && found.price->stripe_price_id ? Found{} : found;
}

}  // namespace billhook::catalog
