#include "flow/command/apply_catalog_survey.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "flow/command/apply_catalog_named_price.h"
#include "gateway/stripe/product_calls.h"
#include "gateway/stripe/session_calls.h"

namespace billhook::flow {
namespace {

/// The plan that we made this for; empty where we did not.
std::string mark_of(stripe::Metadata const& metadata) {
    return stripe::metadata_or_empty(metadata, stripe::metadata_key::plan);
}

std::string main_currency(catalog::Catalog const& catalog, catalog::Price const& price) {
    if (price.amounts.contains(catalog.default_currency) || price.amounts.empty()) return catalog.default_currency;
    return price.amounts.begin()->first;
}

bool has_same_terms(stripe::Price const& present, SurveyedPrice const& wanted) {
    return present.product_id == product_id_of(*wanted.plan) && present.interval == to_string(wanted.price->interval) &&
           present.interval_count == 1 && !present.is_metered && present.currency == wanted.main_currency &&
           amounts_of(present) == wanted.price->amounts;
}

bool is_ours(stripe::Price const& price) {
    return !mark_of(price.metadata).empty() || (price.product && !mark_of(price.product->metadata).empty());
}

Error lookup_key_taken(stripe::Price const& bearer) {
    auto const product = bearer.product ? "'" + bearer.product->name + "'" : bearer.product_id;
    return conflict("lookup_key_taken", "Stripe's price " + bearer.id + " of the product " + product +
                                            " bears the lookup key '" + bearer.lookup_key +
                                            "' and was not made by Billhook; name that price by `stripe_price_id`, or "
                                            "give the catalog's price another `lookup_key`");
}

class Surveyor {
  public:
    Surveyor(CatalogContext const& context, catalog::Catalog const& catalog) : context_(context), catalog_(catalog) {}

    Result<CatalogSurvey> look_around(std::string const& source) {
        list_what_is_wanted();
        TRY_VOID(look_at_products());
        TRY_VOID(look_at_prices());
        TRY_VOID(find_surplus());
        TRY_VOID(stripe::for_each_portal_configuration(context_.stripe, [&](stripe::PortalConfiguration const&) {
            survey_.has_portal = true;
            return Result<stripe::Client::Walk>(stripe::Client::Walk::stop);
        }));
        survey_.hash = to_hex(sha256(source));
        TRY_VOID(context_.store.read(store::Scope::system(), [&](store::Reader& reader) -> Status {
            survey_.version = TRY(store::find_current_catalog_version(reader));
            survey_.rows = TRY(store::list_catalog_prices(reader));
            return {};
        }));
        return std::move(survey_);
    }

  private:
    void list_what_is_wanted() {
        for (auto const& [code, plan] : catalog_.plans) {
            // A plan whose every price is named by its id has its product already.
            bool needs_product = false;
            for (auto const& price : plan.prices) {
                survey_.prices.push_back(
                    {.plan = &plan, .price = &price, .main_currency = main_currency(catalog_, price)});
                needs_product = needs_product || !price.stripe_price_id;
            }
            if (needs_product) survey_.products.push_back({&plan, std::nullopt});
        }
    }

    Status look_at_products() {
        return stripe::for_each_product(context_.stripe, [&](stripe::Product const& product) {
            auto const wanted = std::ranges::find(
                survey_.products, product.id, [](SurveyedProduct const& each) { return product_id_of(*each.plan); });
            if (wanted != survey_.products.end())
                wanted->present = product;
            else if (!mark_of(product.metadata).empty() && product.is_active)
                survey_.surplus_products.push_back(product);
            return Result<stripe::Client::Walk>(stripe::Client::Walk::on);
        });
    }

    Status look_at_prices() {
        for (auto const& product : survey_.products)
            if (product.present) TRY_VOID(keep_prices_of(product.present->id));
        for (auto const& product : survey_.surplus_products) TRY_VOID(keep_prices_of(product.id));
        std::vector<std::string> keys;
        for (auto const& each : survey_.prices)
            if (!each.price->stripe_price_id) keys.push_back(each.price->lookup_key);
        if (!keys.empty()) bearers_ = TRY(stripe::list_prices_by_lookup_keys(context_.stripe, keys));
        TRY_VOID(verify_named_prices(context_.stripe, catalog_, survey_.prices));
        for (auto& each : survey_.prices)
            if (!each.price->stripe_price_id) TRY_VOID(match(each));
        return {};
    }

    Status keep_prices_of(std::string const& product) {
        auto const found = TRY(stripe::list_prices_of_product(context_.stripe, product));
        prices_.insert(prices_.end(), found.begin(), found.end());
        return {};
    }

    /// A price that was switched off and has the same terms serves again: a second one would say the same.
    Status match(SurveyedPrice& wanted) {
        auto const bearer = std::ranges::find(bearers_, wanted.price->lookup_key, &stripe::Price::lookup_key);
        if (bearer != bearers_.end()) {
            if (!is_ours(*bearer)) return fail(lookup_key_taken(*bearer));
            wanted.present = *bearer;
            if (has_same_terms(*bearer, wanted)) wanted.same_terms = *bearer;
        }
        for (auto const& price : prices_)
            if (!wanted.same_terms && is_ours(price) && has_same_terms(price, wanted) && !is_taken(price))
                wanted.same_terms = price;
        using enum SurveyedPrice::Step;
        if (!wanted.same_terms)
            wanted.step = create;
        else if (!wanted.same_terms->is_active || wanted.same_terms->lookup_key != wanted.price->lookup_key)
            wanted.step = revive;
        return {};
    }

    /// Stands for another price of the file, by its lookup key or its id.
    bool is_taken(stripe::Price const& price) const {
        return std::ranges::any_of(survey_.prices, [&](SurveyedPrice const& each) {
            return (each.same_terms && each.same_terms->id == price.id) ||
                   (!price.lookup_key.empty() && each.price->lookup_key == price.lookup_key);
        });
    }

    Status find_surplus() {
        std::set<std::string> sold, kept_products;
        for (auto const& each : survey_.prices)
            if (each.same_terms) sold.insert(each.same_terms->id), kept_products.insert(each.same_terms->product_id);
        for (auto const& price : prices_) {
            if (!price.is_active || sold.contains(price.id)) continue;
            if (mark_of(price.metadata).empty())
                kept_products.insert(price.product_id);  // somebody else sells under our product
            else
                survey_.surplus_prices.push_back(price);
        }
        std::erase_if(survey_.surplus_products,
                      [&](stripe::Product const& product) { return kept_products.contains(product.id); });
        return {};
    }

    CatalogContext const& context_;
    catalog::Catalog const& catalog_;
    CatalogSurvey survey_;
    std::vector<stripe::Price> prices_;   // of all our products
    std::vector<stripe::Price> bearers_;  // of the file's lookup keys
};

}  // namespace

std::string product_id_of(catalog::Plan const& plan) {
    return "billhook_" + plan.code;
}

std::map<std::string, std::int64_t> SurveyedPrice::amounts() const {
    return same_terms ? amounts_of(*same_terms) : price->amounts;
}

bool CatalogSurvey::has_rows_of(SurveyedPrice const& price) const {
    if (!price.same_terms) return false;
    return std::ranges::all_of(price.amounts(), [&](auto const& each) {
        return std::ranges::any_of(rows, [&](store::CatalogPrice const& row) {
            return row.stripe_price_id == price.same_terms->id && row.currency == each.first && row.is_active &&
                   row.amount == each.second && row.lookup_key == price.price->lookup_key &&
                   row.plan == price.plan->code && row.interval == price.price->interval;
        });
    });
}

std::vector<store::CatalogPrice> CatalogSurvey::surplus_rows() const {
    std::vector<store::CatalogPrice> surplus;
    for (auto const& row : rows) {
        bool const is_sold = std::ranges::any_of(prices, [&](SurveyedPrice const& each) {
            return each.same_terms && each.same_terms->id == row.stripe_price_id &&
                   each.amounts().contains(row.currency);
        });
        if (row.is_active && !is_sold) surplus.push_back(row);
    }
    return surplus;
}

Result<CatalogSurvey> survey_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                     std::string const& source) {
    return Surveyor(context, catalog).look_around(source);
}

}  // namespace billhook::flow
