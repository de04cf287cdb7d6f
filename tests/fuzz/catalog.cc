// Catalog files: whatever the bytes, either mistakes that say where and what, or a catalog that is whole.

#include <algorithm>

#include "domain/catalog/parse.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

void check_problems(catalog::Problems const& problems) {
    hold(!problems.empty(), "a refusal has its mistakes");
    for (auto const& problem : problems) {
        hold(problem.file == "fuzz.yaml" && problem.position.line >= 1 && problem.position.column >= 1,
             "a mistake says where it is");
        hold(!problem.message.empty(), "a mistake says what it is");
    }
    hold(std::ranges::is_sorted(problems, {}, &catalog::Problem::position), "mistakes come in the order of the file");
}

void check_plan(catalog::Catalog const& catalog, catalog::ProductLine const& line, std::string const& code) {
    auto const* plan = catalog.find_plan(code);
    hold(plan && plan->code == code && plan->line == line.code, "a line's plan is there and knows its line");
    for (auto const& [feature, value] : plan->features) {
        hold(catalog.find_feature(feature) != nullptr, "a plan's features are declared");
        hold(!value.limit || *value.limit >= 0, "no limit is negative");
    }
    for (auto const& add_on : plan->included_add_ons)
        hold(catalog.find_add_on(add_on) != nullptr, "an included add-on is declared");
    hold(plan->trial_days >= 0, "no trial is negative");
}

}  // namespace

void try_input(std::string_view input) {
    catalog::Variables const variables{{"AMOUNT", "1900"}, {"NAME", "Starter"}};
    auto const parsed = catalog::parse_catalog({"fuzz.yaml", std::string(input)}, variables);
    if (!parsed) return check_problems(parsed.error());
    hold(parsed->grace_days >= 0 && parsed->soft_days >= 0, "no days of grace are negative");
    hold(std::ranges::find(parsed->currencies, parsed->default_currency) != parsed->currencies.end(),
         "the default currency is among the currencies");
    for (auto const& line : parsed->lines) {
        for (auto const& code : line.plans) check_plan(*parsed, line, code);
        hold(line.default_plan.empty() || parsed->find_plan(line.default_plan), "a default plan is there");
    }
    hold(catalog::parse_catalog({"fuzz.yaml", std::string(input)}, variables) == parsed, "reading is repeatable");
}

}  // namespace billhook::fuzz
