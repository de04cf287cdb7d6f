#include "flow/command/apply_catalog_named_price.h"

#include "gateway/stripe/product_calls.h"

namespace billhook::flow {
namespace {

std::string place_of(SurveyedPrice const& wanted) {
    return "lines." + wanted.plan->line + ".plans." + wanted.plan->code + ".prices." +
           to_string(wanted.price->interval);
}

/// A visible plan that customers buy by themselves has a price in every currency; another at least in the first.
std::vector<std::string> currencies_needed(catalog::Catalog const& catalog, catalog::Plan const& plan) {
    if (plan.is_self_service && plan.is_visible) return catalog.currencies;
    return {catalog.default_currency};
}

void find_wrong_terms(stripe::Price const& present, SurveyedPrice const& wanted, std::vector<std::string>& wrong) {
    std::string const interval = to_string(wanted.price->interval);
    if (present.interval.empty())
        wrong.push_back("it is a one-time price, expected one that recurs every " + interval);
    else if (present.interval != interval || present.interval_count != 1)
        wrong.push_back("it recurs every " +
                        (present.interval_count == 1 ? "" : std::to_string(present.interval_count) + " ") +
                        present.interval + ", expected every " + interval);
    if (present.is_metered) wrong.push_back("it is metered, expected a licensed price");
    if (!present.is_active) wrong.push_back("it is not active");
    if (!present.product) return;
    auto const owner = stripe::metadata_or_empty(present.product->metadata, stripe::metadata_key::plan);
    if (present.product->is_deleted || !present.product->is_active)
        wrong.push_back("its product '" + present.product->name + "' is not active");
    if (!owner.empty() && owner != wanted.plan->code)
        wrong.push_back("its product '" + present.product->name + "' is that of the plan '" + owner + "'");
}

void find_wrong_amounts(stripe::Price const& present, SurveyedPrice const& wanted, catalog::Catalog const& catalog,
                        std::vector<std::string>& wrong) {
    auto const amounts = amounts_of(present);
    if (amounts.empty()) return wrong.push_back("it is tiered or free-form, expected an amount per unit");
    for (auto const& [currency, amount] : wanted.price->amounts) {
        auto const found = amounts.find(currency);
        if (found != amounts.end() && found->second != amount)
            wrong.push_back("it costs " + show_amount(found->second, currency) + ", the file says " +
                            show_amount(amount, currency));
    }
    for (auto const& currency : currencies_needed(catalog, *wanted.plan))
        if (!amounts.contains(currency)) wrong.push_back("it has no amount in " + currency);
}

}  // namespace

Status verify_named_prices(stripe::Client const& client, catalog::Catalog const& catalog,
                           std::vector<SurveyedPrice>& prices) {
    std::string all, first_place;
    auto const report = [&](SurveyedPrice const& wanted, std::string const& what) {
        all += (all.empty() ? "" : "; ") + place_of(wanted) + ": Stripe's price " + *wanted.price->stripe_price_id +
               ": " + what;
        if (first_place.empty()) first_place = place_of(wanted);
    };
    for (auto& wanted : prices) {
        if (!wanted.price->stripe_price_id) continue;
        auto present = stripe::retrieve_price(client, *wanted.price->stripe_price_id);
        if (!present && present.error().kind != ErrorKind::not_found) return fail(present.error());
        if (!present || present->is_deleted) {
            report(wanted, "there is none with this id (in this mode: test and live have their own)");
            continue;
        }
        std::vector<std::string> wrong;
        find_wrong_terms(*present, wanted, wrong);
        find_wrong_amounts(*present, wanted, catalog, wrong);
        for (auto const& what : wrong) report(wanted, what);
        wanted.present = wanted.same_terms = std::move(*present);
    }
    if (all.empty()) return {};
    return fail(invalid(first_place, all, "price_differs"));
}

}  // namespace billhook::flow
