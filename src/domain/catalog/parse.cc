#include "domain/catalog/parse.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "domain/catalog/sections.h"

namespace billhook::catalog {
namespace {

// Lower case only: one spelling in the file, in Stripe and in answers.
bool is_currency(std::string_view code) {
    auto const parsed = Currency::parse(code);
    return parsed && parsed->code() == code;
}

void read_currencies(Context& context, Fields& fields) {
    auto& catalog = context.catalog;
    for (auto const& [code, position] : fields.words("currencies")) {
        if (is_currency(code))
            catalog.currencies.push_back(code);
        else
            context.reading.report(position, "currencies",
                                   "found '" + code + "', expected a currency in lower case, such as eur");
    }
    if (!fields.require("currency", "the currency in which prices are shown first, such as eur")) return;
    auto const code = fields.text("currency", {});
    if (code.empty()) return;
    if (!is_currency(code))
        return context.reading.report_found(*fields.find("currency"), "currency",
                                            "a currency in lower case, such as eur");
    catalog.default_currency = code;
    if (!fields.find("currencies")) catalog.currencies = {code};
    if (context.reading.has_problem_at("currencies")) return;
    if (std::ranges::find(catalog.currencies, code) == catalog.currencies.end())
        context.reading.report(fields.find("currency")->position, "currency",
                               "'" + code + "' is not among `currencies`; expected one of them" +
                                   nearest_name_hint(code, std::vector<std::string_view>(catalog.currencies.begin(),
                                                                                         catalog.currencies.end())));
}

void read_defaults(Context& context, Fields& fields) {
    context.trial_days = static_cast<int>(fields.number("trial_days", 0, trial_days_max, context.trial_days));
    context.trial_needs_card = fields.flag("trial_needs_card", context.trial_needs_card);
    context.over_limit = fields.choice(
        "over_limit", {OverLimitPolicy::block, OverLimitPolicy::freeze, OverLimitPolicy::release}, context.over_limit);
    auto& catalog = context.catalog;
    catalog.grace_days = static_cast<int>(fields.number("grace_days", 0, 365, catalog.grace_days));
    catalog.soft_days = static_cast<int>(fields.number("soft_days", 0, 365, catalog.soft_days));
}

void read_catalog(Context& context, YamlNode const& root) {
    Fields fields(context.reading, root, "",
                  {"currency", "currencies", "trial_days", "trial_needs_card", "grace_days", "soft_days", "over_limit",
                   "meters", "features", "add_ons", "lines"});
    if (!fields.is_mapping()) return;
    read_currencies(context, fields);
    read_defaults(context, fields);
    auto const* lines = fields.require("lines", "product lines with their plans");
    if (lines)
        for (auto const& entry : lines->entries) context.line_codes.push_back(entry.key);
    if (auto const* meters = fields.find("meters")) read_meters(context, *meters);
    if (auto const* features = fields.find("features")) read_features(context, *features);
    if (auto const* add_ons = fields.find("add_ons")) read_add_ons(context, *add_ons);
    if (lines) read_lines(context, *lines);
}

}  // namespace

std::expected<Catalog, Problems> parse_catalog(Source const& source, Variables const& variables) {
    Reading reading{source.file, {}};
    auto root = parse_yaml(source.text);
    if (!root) {
        reading.report(root.error().position, "", root.error().message);
        return std::unexpected(std::move(reading.problems));
    }
    substitute(*root, variables, source.file, reading.problems);
    // A variable that is not set leaves a hole; what else would be said about the hole is no help.
    if (!reading.problems.empty()) return std::unexpected(std::move(reading.problems));

    Catalog catalog;
    Context context{reading, catalog, {}};
    read_catalog(context, *root);
    if (reading.problems.empty()) return catalog;
    std::ranges::stable_sort(reading.problems, {}, &Problem::position);
    return std::unexpected(std::move(reading.problems));
}

}  // namespace billhook::catalog
