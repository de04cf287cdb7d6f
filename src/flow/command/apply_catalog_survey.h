#pragma once
// What `catalog plan` and `catalog apply` see: each thing of the file beside what stands for it in Stripe and in the
// store. Reads only.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flow/command/apply_catalog.h"
#include "flow/projector/project_price.h"
#include "gateway/stripe/product.h"
#include "store/catalog_store.h"

namespace billhook::flow {

/// Chosen by us, so that a plan can never have two products.
std::string product_id_of(catalog::Plan const& plan);

struct SurveyedProduct {
    catalog::Plan const* plan = nullptr;
    std::optional<stripe::Product> present;
    bool is_as_wanted() const {
        return present && present->is_active && present->name == plan->name &&
               present->description == plan->description;
    }
};

struct SurveyedPrice {
    enum class Step { none, create, revive };
    catalog::Plan const* plan = nullptr;
    catalog::Price const* price = nullptr;
    std::string main_currency = {};                // the others are options of the same price
    std::optional<stripe::Price> present = {};     // what bears the lookup key now, or is named by its id
    std::optional<stripe::Price> same_terms = {};  // what will stand for it, where Stripe has such a price already
    Step step = Step::none;

    /// What the customer pays: Stripe's amounts where it has them, else those of the file.
    std::map<std::string, std::int64_t> amounts() const;
};

struct CatalogSurvey {
    std::vector<SurveyedProduct> products;
    std::vector<SurveyedPrice> prices;
    std::vector<stripe::Price> surplus_prices;      // ours, active, and not in the file
    std::vector<stripe::Product> surplus_products;  // ours, active, and of no plan with prices
    bool has_portal = false;                        // Stripe has a portal configuration, ours or the operator's
    std::vector<store::CatalogPrice> rows;          // all of the store's
    std::optional<store::CatalogVersion> version;   // the one applied last
    std::string hash;                               // of the file's text

    /// Active rows that the file does not sell any more.
    std::vector<store::CatalogPrice> surplus_rows() const;
    /// The rows that stand for this price already.
    bool has_rows_of(SurveyedPrice const& price) const;
};

Result<CatalogSurvey> survey_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                     std::string const& source);
/// "EUR 12.50"; as it stands where the currency is none that we know.
std::string show_amount(std::int64_t amount, std::string const& currency);
/// What is to be done, in the order in which it is done.
std::vector<CatalogChange> changes_of(CatalogSurvey const& survey);

}  // namespace billhook::flow
