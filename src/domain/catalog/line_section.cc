#include <algorithm>

#include "base/nearest_name.h"
#include "domain/catalog/sections.h"

namespace billhook::catalog {
namespace {

// `all`, or a list of add-ons that are sold beside this line.
void read_included_add_ons(Context& context, Fields& fields, Plan& plan) {
    auto const* node = fields.find("included_add_ons");
    if (!node) return;
    auto const& add_ons = context.catalog.add_ons;
    auto const is_of_line = [&](AddOn const& add_on) {
        return std::ranges::find(add_on.lines, plan.line) != add_on.lines.end();
    };
    if (node->kind == YamlNode::Kind::scalar && node->text == "all") {
        for (auto const& [code, add_on] : add_ons)
            if (is_of_line(add_on)) plan.included_add_ons.push_back(code);
        return;
    }
    for (auto const& [code, position] : fields.words("included_add_ons")) {
        auto const* add_on = context.catalog.find_add_on(code);
        std::vector<std::string_view> names;
        for (auto const& [name, value] : add_ons) names.push_back(name);
        if (!add_on)
            context.reading.report(position, fields.path_of("included_add_ons"),
                                   "there is no add-on '" + code + "'; expected `all` or some of `add_ons`" +
                                       nearest_name_hint(code, names));
        else if (!is_of_line(*add_on))
            context.reading.report(position, fields.path_of("included_add_ons"),
                                   "the add-on '" + code + "' is not sold beside the line '" + plan.line + "'");
        plan.included_add_ons.push_back(code);
    }
    std::ranges::sort(plan.included_add_ons);
}

void read_trial(Context& context, Fields& fields, Plan& plan) {
    bool const is_free = plan.prices.empty() && !fields.find("prices");
    plan.trial_days =
        static_cast<int>(fields.number("trial_days", 0, trial_days_max, is_free ? 0 : context.trial_days));
    plan.trial_needs_card = fields.flag("trial_needs_card", context.trial_needs_card);
    if (is_free && plan.trial_days > 0)
        context.reading.report(fields.find("trial_days")->position, fields.path_of("trial_days"),
                               "a plan without prices has no trial; expected 0");
}

void read_plan(Context& context, ProductLine const& line, YamlNode::Entry const& entry, std::string const& path) {
    Fields fields(context.reading, entry.value, path,
                  {"name", "description", "rank", "prices", "features", "trial_days", "trial_needs_card",
                   "self_service", "visible", "included_add_ons"});
    auto const [other, is_new] = context.sold_codes.emplace(entry.key, path);
    if (!is_new)
        context.reading.report(entry.position, path,
                               "the code '" + entry.key + "' is already that of " + other->second +
                                   "; expected one that is unique among all plans and add-ons");
    if (!fields.is_mapping()) return;
    Plan plan{.code = entry.key, .name = fields.required_text("name"), .line = line.code};
    plan.description = fields.text("description", "", 1000);
    fields.require("rank", "a number that orders the line's plans");
    plan.rank = static_cast<int>(fields.number("rank", 0, 1000, 0));
    plan.is_self_service = fields.flag("self_service", true);
    plan.is_visible = fields.flag("visible", true);
    auto const needed =
        plan.is_self_service && plan.is_visible ? CurrenciesNeeded::all : CurrenciesNeeded::standard_only;
    if (auto const* prices = fields.find("prices"))
        plan.prices = read_prices(context, *prices, path + ".prices", line.code + "_" + plan.code, needed);
    read_trial(context, fields, plan);
    if (plan.is_self_service && !fields.find("prices") && plan.code != line.default_plan)
        context.reading.report(entry.position, path,
                               "a self-service plan needs `prices`; expected month, year or both (or "
                               "`self_service: false`, or the line's `default_plan: " +
                                   plan.code + "`)");
    if (auto const* features = fields.find("features"))
        plan.features = read_feature_values(context, *features, path + ".features");
    read_included_add_ons(context, fields, plan);
    if (is_new) context.catalog.plans[entry.key] = std::move(plan);
}

void check_ranks(Context& context, ProductLine const& line, YamlNode const& plans, std::string const& path) {
    std::map<int, std::string> by_rank;
    for (auto const& code : line.plans) {
        auto const* plan = context.catalog.find_plan(code);
        auto const* rank = plans.find(code)->find("rank");
        if (!plan || !rank || !parse_whole_number(*rank)) continue;
        auto const [other, is_new] = by_rank.emplace(plan->rank, code);
        if (!is_new)
            context.reading.report_found(*rank, path + "." + code + ".rank",
                                         "a rank of its own; '" + other->second + "' has that one");
    }
}

void check_default_plan(Context& context, Fields& fields, ProductLine const& line) {
    if (line.default_plan.empty()) return;
    auto const position = fields.find("default_plan")->position;
    auto const path = fields.path_of("default_plan");
    if (std::ranges::find(line.plans, line.default_plan) == line.plans.end()) {
        std::vector<std::string_view> const names(line.plans.begin(), line.plans.end());
        context.reading.report(
            position, path,
            "there is no plan '" + line.default_plan + "' in this line" + nearest_name_hint(line.default_plan, names));
    } else if (auto const* plan = context.catalog.find_plan(line.default_plan); plan && !plan->prices.empty()) {
        context.reading.report(position, path,
                               "the plan '" + plan->code +
                                   "' has prices; expected one that is free, because customers "
                                   "without a subscription have it");
    }
}

}  // namespace

void read_lines(Context& context, YamlNode const& node) {
    if (node.kind == YamlNode::Kind::mapping && node.entries.empty())
        return context.reading.report_found(node, "lines", "at least one product line");
    for_each_code(context.reading, node, "lines", [&](YamlNode::Entry const& entry, std::string const& path) {
        Fields fields(context.reading, entry.value, path, {"name", "default_plan", "plans"});
        if (!fields.is_mapping()) return;
        ProductLine line{.code = entry.key, .name = fields.required_text("name")};
        line.default_plan = fields.text("default_plan", "", 40);
        auto const* plans = fields.require("plans", "the line's plans");
        if (!plans) return;
        for_each_code(context.reading, *plans, path + ".plans", [&](YamlNode::Entry const& plan, std::string const& p) {
            read_plan(context, line, plan, p);
            line.plans.push_back(plan.key);
        });
        if (plans->kind == YamlNode::Kind::mapping && plans->entries.empty())
            context.reading.report_found(*plans, path + ".plans", "at least one plan");
        check_ranks(context, line, *plans, path + ".plans");
        check_default_plan(context, fields, line);
        std::ranges::stable_sort(line.plans, {}, [&](std::string const& code) {
            auto const* plan = context.catalog.find_plan(code);
            return plan ? plan->rank : 0;
        });
        context.catalog.lines.push_back(std::move(line));
    });
}

}  // namespace billhook::catalog
