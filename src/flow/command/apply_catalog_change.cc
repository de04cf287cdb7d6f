// What a survey amounts to, in words: the list that `catalog plan` shows and `catalog apply` works off.

#include <algorithm>

#include "flow/command/apply_catalog_survey.h"

namespace billhook::flow {
namespace {

using Place = CatalogChange::Place;
using Action = CatalogChange::Action;
using Thing = CatalogChange::Thing;
using Amounts = std::map<std::string, std::int64_t>;

std::string quoted(std::string const& text) {
    return '"' + text + '"';
}

std::string show(Amounts const& amounts) {
    std::string text;
    for (auto const& [currency, amount] : amounts) text += (text.empty() ? "" : ", ") + show_amount(amount, currency);
    return text;
}

/// What was and what will be, currency by currency; what stays is said once.
std::string show_difference(Amounts const& was, Amounts const& now) {
    std::string text;
    for (auto const& [currency, amount] : now) {
        auto const before = was.find(currency);
        text += text.empty() ? "" : ", ";
        if (before == was.end())
            text += "(none) -> ";
        else if (before->second != amount)
            text += show_amount(before->second, currency) + " -> ";
        text += show_amount(amount, currency);
    }
    for (auto const& [currency, amount] : was)
        if (!now.contains(currency)) text += (text.empty() ? "" : ", ") + show_amount(amount, currency) + " -> (none)";
    return text;
}

std::string per_interval(SurveyedPrice const& price) {
    return std::string(" a ") + to_string(price.price->interval);
}

std::string describe_product(SurveyedProduct const& product) {
    auto const& plan = *product.plan;
    std::string text;
    auto const add = [&](std::string const& part) { text += (text.empty() ? "" : ", ") + part; };
    if (!product.present) {
        add("name " + quoted(plan.name));
        if (!plan.description.empty()) add("description " + quoted(plan.description));
        return text;
    }
    auto const& present = *product.present;
    if (present.name != plan.name) add("name " + quoted(present.name) + " -> " + quoted(plan.name));
    if (present.description != plan.description)
        add("description " + quoted(present.description) + " -> " + quoted(plan.description));
    if (!present.is_active) add("active no -> yes");
    return text;
}

void add_products(CatalogSurvey const& survey, std::vector<CatalogChange>& changes) {
    for (auto const& product : survey.products)
        if (!product.is_as_wanted())
            changes.push_back({Place::stripe, product.present ? Action::update : Action::create, Thing::product,
                               product.plan->code, describe_product(product)});
}

void add_prices(CatalogSurvey const& survey, std::vector<CatalogChange>& changes) {
    for (auto const& price : survey.prices) {
        auto const& key = price.price->lookup_key;
        if (price.step == SurveyedPrice::Step::create && !price.present)
            changes.push_back(
                {Place::stripe, Action::create, Thing::price, key, show(price.price->amounts) + per_interval(price)});
        else if (price.step == SurveyedPrice::Step::create)
            changes.push_back({Place::stripe, Action::replace, Thing::price, key,
                               show_difference(amounts_of(*price.present), price.price->amounts) + per_interval(price) +
                                   "; takes the lookup key from " + price.present->id});
        else if (price.step == SurveyedPrice::Step::revive)
            changes.push_back(
                {Place::stripe, Action::revive, Thing::price, key,
                 price.same_terms->id + " is sold again: " + show(price.price->amounts) + per_interval(price)});
    }
}

void add_surplus(CatalogSurvey const& survey, std::vector<CatalogChange>& changes) {
    for (auto const& price : survey.surplus_prices)
        changes.push_back({Place::stripe, Action::retire, Thing::price,
                           price.lookup_key.empty() ? price.id : price.lookup_key,
                           price.id + " (" + show(amounts_of(price)) + " a " + price.interval +
                               ") is no longer sold; who has it keeps it"});
    for (auto const& product : survey.surplus_products)
        changes.push_back({Place::stripe, Action::retire, Thing::product,
                           stripe::metadata_or_empty(product.metadata, stripe::metadata_key::plan),
                           quoted(product.name) + " is archived: the catalog sells no such plan"});
}

/// One line for each price, whatever the number of its currencies.
void add_retired_rows(CatalogSurvey const& survey, std::vector<CatalogChange>& changes) {
    std::map<std::pair<std::string, std::string>, Amounts> retired;
    for (auto const& row : survey.surplus_rows()) {
        bool const is_replaced = std::ranges::any_of(survey.prices, [&](SurveyedPrice const& each) {
            return each.price->lookup_key == row.lookup_key && each.amounts().contains(row.currency);
        });
        if (!is_replaced) retired[{row.lookup_key, row.stripe_price_id}][row.currency] = row.amount;
    }
    for (auto const& [price, amounts] : retired)
        changes.push_back({Place::database, Action::retire, Thing::price, price.first,
                           show(amounts) + " (" + price.second + ") is no longer sold"});
}

void add_database(CatalogSurvey const& survey, std::vector<CatalogChange>& changes) {
    auto const has_row = [&](std::string const& lookup_key) {
        return std::ranges::any_of(
            survey.rows, [&](store::CatalogPrice const& row) { return row.is_active && row.lookup_key == lookup_key; });
    };
    for (auto const& price : survey.prices) {
        if (survey.has_rows_of(price)) continue;
        auto const& key = price.price->lookup_key;
        auto const id = price.same_terms ? price.same_terms->id : "a price that is yet to be made";
        changes.push_back(
            {Place::database, has_row(key) ? Action::update : Action::create, Thing::price, key,
             "plan " + price.plan->code + ", " + show(price.amounts()) + per_interval(price) + ", " + id});
    }
    add_retired_rows(survey, changes);
    bool const is_recorded = survey.version && survey.version->hash == survey.hash;
    if (is_recorded && changes.empty()) return;
    changes.push_back({Place::database, survey.version ? Action::update : Action::create, Thing::version, "catalog",
                       !survey.version ? "the file is recorded as the first that was applied"
                       : is_recorded   ? "the file is recorded as applied anew"
                                       : "the file differs from the one applied at " +
                                           to_rfc3339(survey.version->applied_at) + " and takes its place"});
}

}  // namespace

std::string show_amount(std::int64_t amount, std::string const& currency) {
    auto const parsed = Currency::parse(currency);
    return parsed ? to_display({amount, *parsed}) : std::to_string(amount) + " " + currency;
}

char const* to_string(CatalogChange::Place place) {
    switch (place) {
        case Place::stripe:
            return "stripe";
        case Place::database:
            return "database";
    }
    return "";
}

char const* to_string(CatalogChange::Action action) {
    switch (action) {
        case Action::create:
            return "create";
        case Action::update:
            return "update";
        case Action::replace:
            return "replace";
        case Action::revive:
            return "revive";
        case Action::retire:
            return "retire";
    }
    return "";
}

char const* to_string(CatalogChange::Thing thing) {
    switch (thing) {
        case Thing::product:
            return "product";
        case Thing::price:
            return "price";
        case Thing::portal:
            return "portal";
        case Thing::version:
            return "version";
    }
    return "";
}

std::string CatalogChange::kind() const {
    return std::string(to_string(action)) + "_" + to_string(thing);
}

std::vector<CatalogChange> changes_of(CatalogSurvey const& survey) {
    std::vector<CatalogChange> changes;
    add_products(survey, changes);
    add_prices(survey, changes);
    if (!survey.has_portal)
        changes.push_back({Place::stripe, Action::create, Thing::portal, "portal",
                           "customers may cancel at period end and replace their card"});
    add_surplus(survey, changes);
    add_database(survey, changes);
    return changes;
}

}  // namespace billhook::flow
