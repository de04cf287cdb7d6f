#include "base/nearest_name.h"
#include "domain/catalog/sections.h"

namespace billhook::catalog {
namespace {

constexpr std::int64_t limit_max = 1'000'000'000'000'000;

template <class Map>
std::vector<std::string_view> names_of(Map const& map) {
    std::vector<std::string_view> names;
    for (auto const& [name, value] : map) names.push_back(name);
    return names;
}

void read_type(Context& context, Fields& fields, Feature& feature) {
    if (!fields.require("type", "flag, limit, gauge, devices or metered")) return;
    auto const type = fields.choose("type", {"flag", "limit", "gauge", "devices", "metered"});
    if (type == "metered")
        feature.type = FeatureType::metered;
    else if (!type.empty() && type != "flag")
        feature.type = FeatureType::limit;
    feature.is_device_limit = type == "devices";
    feature.is_gauge = type == "gauge" || feature.is_device_limit;

    // What only some types have.
    auto const refuse = [&](std::string_view key, bool is_fitting, std::string const& which) {
        auto const* node = fields.find(key);
        if (node && !is_fitting && !type.empty())
            context.reading.report(node->position, fields.path_of(key),
                                   "only " + which + " has `" + std::string(key) + "`");
    };
    refuse("over_limit", feature.type == FeatureType::limit, "a limit, a gauge or a device limit");
    refuse("release_first", feature.is_gauge, "a gauge or a device limit");
    refuse("meter", feature.type == FeatureType::metered, "a metered feature");
}

void read_meter(Context& context, Fields& fields, Feature& feature) {
    if (feature.type != FeatureType::metered) return;
    feature.meter = fields.text("meter", feature.code, 64);
    auto const& meters = context.catalog.meters;
    auto const& reading = context.reading;
    if (meters.contains(feature.meter) || reading.has_problem_at("meters") ||
        reading.has_problem_at("meters." + feature.meter))
        return;
    auto const* node = fields.find("meter");
    context.reading.report(node ? node->position : fields.position(), fields.path_of("meter"),
                           "there is no meter '" + feature.meter + "'; expected one of `meters`" +
                               nearest_name_hint(feature.meter, names_of(meters)));
}

std::optional<FeatureValue> read_value(Context& context, Feature const& feature, YamlNode const& node,
                                       std::string const& path) {
    bool const is_plain = node.kind == YamlNode::Kind::scalar && !node.is_quoted;
    if (is_plain && node.text == "false") return FeatureValue{};
    if (feature.type == FeatureType::flag) {
        if (is_plain && node.text == "true") return FeatureValue{.is_enabled = true};
        context.reading.report_found(node, path, "true or false, because '" + feature.code + "' is a flag");
        return std::nullopt;
    }
    if (is_plain && node.text == "unlimited") return FeatureValue{.is_enabled = true};
    auto const number = parse_whole_number(node);
    if (number && *number >= 0 && *number <= limit_max) return FeatureValue{true, number};
    context.reading.report_found(
        node, path,
        "a whole number from 0 to " + std::to_string(limit_max) + ", unlimited, or false where the plan lacks it");
    return std::nullopt;
}

}  // namespace

void read_features(Context& context, YamlNode const& node) {
    for_each_code(context.reading, node, "features", [&](YamlNode::Entry const& entry, std::string const& path) {
        Fields fields(context.reading, entry.value, path,
                      {"name", "type", "soft", "over_limit", "release_first", "when_stale", "meter"});
        if (!fields.is_mapping()) return;
        Feature feature{.code = entry.key, .name = fields.text("name", entry.key)};
        read_type(context, fields, feature);
        feature.is_soft = fields.flag("soft", false);
        feature.when_stale = fields.choice(
            "when_stale", {StalePolicy::open, StalePolicy::closed, StalePolicy::last_known}, feature.when_stale);
        auto const over_limit = context.over_limit == OverLimitPolicy::release && !feature.is_gauge
                                    ? OverLimitPolicy::freeze
                                    : context.over_limit;
        feature.over_limit = fields.choice(
            "over_limit", {OverLimitPolicy::block, OverLimitPolicy::freeze, OverLimitPolicy::release}, over_limit);
        if (feature.over_limit == OverLimitPolicy::release && !feature.is_gauge && feature.type == FeatureType::limit)
            context.reading.report(fields.find("over_limit")->position, path + ".over_limit",
                                   "a plain limit has nothing to release; expected block or freeze, or `type: gauge`");
        feature.release_order = fields.choice(
            "release_first", {ReleaseOrder::oldest, ReleaseOrder::least_recently_seen}, feature.release_order);
        read_meter(context, fields, feature);
        context.catalog.features[entry.key] = std::move(feature);
    });
}

std::map<std::string, FeatureValue> read_feature_values(Context& context, YamlNode const& node,
                                                        std::string const& path) {
    std::map<std::string, FeatureValue> values;
    for_each_code(context.reading, node, path, [&](YamlNode::Entry const& entry, std::string const& entry_path) {
        auto const* feature = context.catalog.find_feature(entry.key);
        auto& reading = context.reading;
        if (!feature && (reading.has_problem_at("features") || reading.has_problem_at("features." + entry.key))) return;
        if (!feature)
            return reading.report(entry.position, path,
                                  "there is no feature '" + entry.key + "'; expected one of `features`" +
                                      nearest_name_hint(entry.key, names_of(context.catalog.features)));
        if (auto const value = read_value(context, *feature, entry.value, entry_path)) values[entry.key] = *value;
    });
    return values;
}

}  // namespace billhook::catalog
