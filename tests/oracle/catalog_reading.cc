#include "tests/oracle/catalog_reading.h"

#include <fstream>
#include <sstream>

#include "base/yaml.h"

namespace billhook::oracle {
namespace {

std::string text_of(YamlNode const& node, std::string_view key, std::string fallback = {}) {
    auto const* found = node.find(key);
    return found ? found->text : fallback;
}

Promise promise_of(std::string const& text) {
    if (text == "true") return {.is_on = true};
    if (text == "false") return {};
    if (text == "unlimited") return {.is_on = true, .is_unlimited = true};
    return {.is_on = true, .limit = std::stoll(text)};
}

Sold sold_as(std::string const& plan, YamlNode::Entry const& price) {
    Sold sold{plan, price.key, {}};
    if (auto const* amounts = price.value.find("amounts"))
        for (auto const& amount : amounts->entries) sold.amounts[amount.key] = std::stoll(amount.value.text);
    return sold;
}

void read_plan(CatalogReading& catalog, std::string const& line, YamlNode::Entry const& entry) {
    Plan plan{.line = line, .trial_days = catalog.trial_days, .features = {}};
    if (auto const days = text_of(entry.value, "trial_days"); !days.empty()) plan.trial_days = std::stoll(days);
    if (auto const* features = entry.value.find("features"))
        for (auto const& feature : features->entries) plan.features[feature.key] = promise_of(feature.value.text);
    if (auto const* prices = entry.value.find("prices"))
        for (auto const& price : prices->entries)
            catalog.prices[line + "_" + entry.key + "_" + price.key] = sold_as(entry.key, price);
    catalog.plans[entry.key] = std::move(plan);
}

}  // namespace

Result<CatalogReading> read_catalog(std::string const& path) {
    std::ifstream file(path);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return fail(not_found("the catalog " + path + " cannot be read"));
    auto const tree = parse_yaml(text.str());
    if (!tree) return fail(invalid("catalog", tree.error().message));
    CatalogReading catalog;
    catalog.currency = text_of(*tree, "currency");
    catalog.trial_days = std::stoll(text_of(*tree, "trial_days", "14"));
    catalog.grace = Duration::days(std::stoll(text_of(*tree, "grace_days", "7")));
    catalog.soft = Duration::days(std::stoll(text_of(*tree, "soft_days", "7")));
    if (auto const* features = tree->find("features"))
        for (auto const& entry : features->entries)
            catalog.features[entry.key] = {text_of(entry.value, "type") == "flag",
                                           text_of(entry.value, "soft") == "true",
                                           text_of(entry.value, "type") == "gauge"};
    if (auto const* lines = tree->find("lines"))
        for (auto const& line : lines->entries) {
            catalog.lines.push_back(line.key);
            if (auto const free = text_of(line.value, "default_plan"); !free.empty())
                catalog.default_plans[line.key] = free;
            if (auto const* plans = line.value.find("plans"))
                for (auto const& plan : plans->entries) read_plan(catalog, line.key, plan);
        }
    return catalog;
}

}  // namespace billhook::oracle
