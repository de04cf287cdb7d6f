#include <algorithm>

#include "base/nearest_name.h"
#include "domain/catalog/sections.h"

namespace billhook::catalog {
namespace {

constexpr std::int64_t quantity_max = 1'000'000;
constexpr std::int64_t number_max = 1'000'000'000'000;

void read_lines_of(Context& context, Fields& fields, AddOn& add_on) {
    if (!fields.find("lines")) {
        add_on.lines = context.line_codes;
        return;
    }
    std::vector<std::string_view> const known(context.line_codes.begin(), context.line_codes.end());
    for (auto const& [code, position] : fields.words("lines")) {
        if (std::ranges::find(known, std::string_view(code)) == known.end())
            context.reading.report(
                position, fields.path_of("lines"),
                "there is no line '" + code + "'; expected one of `lines`" + nearest_name_hint(code, known));
        add_on.lines.push_back(code);
    }
}

void read_packages(Context& context, Fields& fields, AddOn& add_on) {
    add_on.packages = {1};
    auto const* node = fields.find("packages");
    if (!node) return;
    auto const path = fields.path_of("packages");
    if (node->kind != YamlNode::Kind::sequence || node->items.empty())
        return context.reading.report_found(*node, path, "a list of quantities, such as [1, 5, 10]");
    add_on.packages.clear();
    for (auto const& item : node->items) {
        auto const quantity = parse_whole_number(item);
        if (!quantity || *quantity < 1 || *quantity > quantity_max)
            context.reading.report_found(item, path, "a quantity from 1 to " + std::to_string(quantity_max));
        else if (!add_on.packages.empty() && *quantity <= add_on.packages.back())
            context.reading.report_found(item, path, "rising quantities, each one once");
        else
            add_on.packages.push_back(*quantity);
    }
}

void read_bounds(Context& context, Fields& fields, ConfigurationField& field) {
    using enum ConfigurationType;
    bool const is_bounded = field.type == text || field.type == number;
    for (auto const* key : {"min", "max"}) {
        auto const* node = fields.find(key);
        if (node && !is_bounded)
            context.reading.report(node->position, fields.path_of(key),
                                   std::string("only a number or a text has `") + key + "`");
    }
    if (!is_bounded) return;
    auto const highest = field.type == text ? 1000 : number_max;
    field.min = fields.number("min", field.type == text ? 0 : -number_max, highest, 0);
    field.max =
        fields.number("max", field.type == text ? 1 : -number_max, highest, field.type == text ? 250 : number_max);
    if (field.min > field.max)
        context.reading.report(fields.position(), fields.path_of("min"), "min is greater than max");
}

void read_configuration(Context& context, YamlNode const& node, std::string const& path, AddOn& add_on) {
    for_each_code(context.reading, node, path, [&](YamlNode::Entry const& entry, std::string const& field_path) {
        Fields fields(context.reading, entry.value, field_path, {"type", "required", "min", "max", "choices"});
        if (!fields.is_mapping()) return;
        using enum ConfigurationType;
        ConfigurationField field{.name = entry.key};
        fields.require("type", "text, number, boolean or choice");
        field.type = fields.choice("type", {text, number, boolean, choice}, text);
        field.is_required = fields.flag("required", true);
        read_bounds(context, fields, field);
        for (auto const& [word, position] : fields.words("choices")) field.choices.push_back(word);
        auto const* choices = fields.find("choices");
        if (field.type == choice && field.choices.empty())
            context.reading.report(fields.position(), field_path, "a choice needs `choices`, a list of words");
        if (field.type != choice && choices)
            context.reading.report(choices->position, field_path + ".choices", "only `type: choice` has `choices`");
        add_on.configuration.push_back(std::move(field));
    });
}

}  // namespace

void read_add_ons(Context& context, YamlNode const& node) {
    for_each_code(context.reading, node, "add_ons", [&](YamlNode::Entry const& entry, std::string const& path) {
        Fields fields(context.reading, entry.value, path,
                      {"name", "description", "lines", "prices", "packages", "features", "configuration"});
        if (!fields.is_mapping()) return;
        AddOn add_on{.code = entry.key, .name = fields.required_text("name")};
        add_on.description = fields.text("description", "", 1000);
        context.sold_codes.emplace(entry.key, path);
        read_lines_of(context, fields, add_on);
        if (auto const* prices = fields.require("prices", "month, year or both"))
            add_on.prices =
                read_prices(context, *prices, path + ".prices", "add_on_" + entry.key, CurrenciesNeeded::all);
        read_packages(context, fields, add_on);
        if (auto const* features = fields.find("features"))
            add_on.features = read_feature_values(context, *features, path + ".features");
        if (auto const* configuration = fields.find("configuration"))
            read_configuration(context, *configuration, path + ".configuration", add_on);
        context.catalog.add_ons[entry.key] = std::move(add_on);
    });
}

}  // namespace billhook::catalog
