#include "flow/command/apply_catalog.h"

#include <algorithm>
#include <optional>

#include "base/crash_point.h"
#include "base/digest.h"
#include "gateway/stripe/product_calls.h"
#include "gateway/stripe/session_calls.h"
#include "store/catalog_store.h"

namespace billhook::flow {
namespace {

using Kind = CatalogChange::Kind;
using stripe::IdempotencyKey;

/// Chosen by us, so that a plan can never have two products.
std::string product_id(catalog::Plan const& plan) {
    return "billhook_" + plan.code;
}

struct PriceWork {
    catalog::Plan const* plan = nullptr;
    catalog::Price const* price = nullptr;
    std::string main_currency;             // the others are options of the same price
    std::optional<stripe::Price> present;  // what bears the lookup key now
    bool is_as_wanted = false;
};

struct ProductWork {
    catalog::Plan const* plan = nullptr;
    std::optional<stripe::Product> present;
    bool is_as_wanted() const { return present && present->name == plan->name && present->is_active; }
};

struct Survey {
    std::vector<ProductWork> products;
    std::vector<PriceWork> prices;
    bool has_portal = false;   // Stripe has a portal configuration, ours or the operator's
    bool is_recorded = false;  // the store already says all of this
};

std::int64_t amount_in(stripe::Price const& price, std::string const& currency) {
    if (price.currency == currency) return price.unit_amount.value_or(-1);
    auto const option = price.currency_options.find(currency);
    return option == price.currency_options.end() ? -1 : option->second;
}

bool has_amounts(stripe::Price const& present, catalog::Price const& wanted) {
    return std::ranges::all_of(wanted.amounts,
                               [&](auto const& each) { return amount_in(present, each.first) == each.second; });
}

bool is_as_wanted(stripe::Price const& present, PriceWork const& work) {
    return present.is_active && present.product_id == product_id(*work.plan) &&
           present.interval == to_string(work.price->interval) && present.interval_count == 1 &&
           present.currency == work.main_currency && has_amounts(present, *work.price);
}

std::string main_currency(catalog::Catalog const& catalog, catalog::Price const& price) {
    if (price.amounts.contains(catalog.default_currency) || price.amounts.empty()) return catalog.default_currency;
    return price.amounts.begin()->first;
}

Result<std::optional<stripe::Product>> find_product(CatalogContext const& context, catalog::Plan const& plan) {
    auto found = stripe::retrieve_product(context.stripe, product_id(plan));
    if (!found && found.error().kind == ErrorKind::not_found) return std::nullopt;
    if (!found) return fail(found.error());
    if (found->is_deleted) return std::nullopt;
    return *found;
}

/// A price that the file names by its id is Stripe's own affair; it only has to be what the file says of it.
Result<stripe::Price> verify_named_price(CatalogContext const& context, catalog::Price const& price) {
    auto present = TRY(stripe::retrieve_price(context.stripe, *price.stripe_price_id));
    if (present.interval != to_string(price.interval) || !has_amounts(present, price))
        return fail(invalid(price.lookup_key,
                            "Stripe's price " + present.id + " has another amount or interval than the catalog",
                            "price_differs"));
    return present;
}

bool are_rows_recorded(std::vector<store::CatalogPrice> const& rows, Survey const& survey) {
    return std::ranges::all_of(survey.prices, [&](PriceWork const& work) {
        return work.present && std::ranges::all_of(work.price->amounts, [&](auto const& each) {
                   return std::ranges::any_of(rows, [&](store::CatalogPrice const& row) {
                       return row.stripe_price_id == work.present->id && row.currency == each.first && row.is_active &&
                              row.amount == each.second && row.lookup_key == work.price->lookup_key;
                   });
               });
    });
}

Result<std::vector<stripe::Price>> bearing_lookup_keys(CatalogContext const& context, Survey const& survey) {
    std::vector<std::string> keys;
    for (auto const& work : survey.prices)
        if (!work.price->stripe_price_id) keys.push_back(work.price->lookup_key);
    if (keys.empty()) return std::vector<stripe::Price>{};
    return stripe::list_prices_by_lookup_keys(context.stripe, keys);
}

Result<Survey> look_around(CatalogContext const& context, catalog::Catalog const& catalog, std::string const& source) {
    Survey survey;
    for (auto const& [code, plan] : catalog.plans) {
        if (plan.prices.empty()) continue;
        survey.products.push_back({&plan, TRY(find_product(context, plan))});
        for (auto const& price : plan.prices)
            survey.prices.push_back({&plan, &price, main_currency(catalog, price), std::nullopt});
    }
    auto const bearers = TRY(bearing_lookup_keys(context, survey));
    for (auto& work : survey.prices) {
        if (work.price->stripe_price_id) {
            work.present = TRY(verify_named_price(context, *work.price));
            work.is_as_wanted = true;
            continue;
        }
        auto const bearer = std::ranges::find(bearers, work.price->lookup_key, &stripe::Price::lookup_key);
        if (bearer == bearers.end()) continue;
        work.present = *bearer;
        work.is_as_wanted = is_as_wanted(*bearer, work);
    }
    TRY_VOID(stripe::for_each_portal_configuration(context.stripe, [&](stripe::PortalConfiguration const&) {
        survey.has_portal = true;
        return Result<stripe::Client::Walk>(stripe::Client::Walk::stop);
    }));
    survey.is_recorded =
        TRY(context.store.read_value(store::Scope::system(), [&](store::Reader& reader) -> Result<bool> {
            auto const version = TRY(store::find_current_catalog_version(reader));
            auto const rows = TRY(store::list_catalog_prices(reader));
            return version && version->hash == to_hex(sha256(source)) && are_rows_recorded(rows, survey);
        }));
    return survey;
}

std::string describe(PriceWork const& work) {
    std::string text;
    for (auto const& [currency, amount] : work.price->amounts) {
        auto const parsed = Currency::parse(currency);
        std::string const now = parsed ? to_display({amount, *parsed}) : std::to_string(amount);
        std::int64_t const was = work.present ? amount_in(*work.present, currency) : -1;
        bool const has_changed = parsed && was >= 0 && was != amount;
        text += (text.empty() ? "" : ", ") + (has_changed ? to_display({was, *parsed}) + " -> " : "") + now;
    }
    return text + " a " + to_string(work.price->interval);
}

std::vector<CatalogChange> changes_of(Survey const& survey) {
    std::vector<CatalogChange> changes;
    for (auto const& work : survey.products) {
        if (work.is_as_wanted()) continue;
        changes.push_back(
            {work.present ? Kind::update_product : Kind::create_product, work.plan->code, work.plan->name});
    }
    for (auto const& work : survey.prices) {
        if (work.is_as_wanted) continue;
        changes.push_back(
            {work.present ? Kind::replace_price : Kind::create_price, work.price->lookup_key, describe(work)});
    }
    if (!survey.has_portal)
        changes.push_back({Kind::create_portal, "portal", "customers may cancel at period end and replace their card"});
    if (!changes.empty() || !survey.is_recorded)
        changes.push_back({Kind::record, "catalog", "the file and its prices are recorded in the database"});
    return changes;
}

Status make_product(CatalogContext const& context, ProductWork const& work) {
    if (work.is_as_wanted()) return {};
    auto const& plan = *work.plan;
    auto const fingerprint = to_hex(sha256(product_id(plan) + "\n" + plan.name)).substr(0, 32);
    if (!work.present) {
        TRY(stripe::create_product(context.stripe,
                                   {.id = product_id(plan),
                                    .name = plan.name,
                                    .metadata = {{"billhook_plan", plan.code}, {"billhook_line", plan.line}}},
                                   IdempotencyKey::of("catalog:" + fingerprint, "create_product")));
        crash_point("catalog.product_created");
        return {};
    }
    TRY(stripe::update_product(context.stripe, work.present->id, {.name = plan.name, .is_active = true},
                               IdempotencyKey::of("catalog:" + fingerprint, "update_product:" + work.present->name)));
    crash_point("catalog.product_updated");
    return {};
}

/// The key is derived from what the price is and from the one that it replaces: changing an amount there and back makes
/// a third price, repeating the same step makes none.
IdempotencyKey key_of(PriceWork const& work) {
    std::string content = product_id(*work.plan) + "\n" + work.price->lookup_key + "\n" + work.main_currency;
    for (auto const& [currency, amount] : work.price->amounts)
        content += "\n" + currency + "=" + std::to_string(amount);
    content += "\nafter " + (work.present ? work.present->id : std::string("none"));
    return IdempotencyKey::of("catalog:" + to_hex(sha256(content)).substr(0, 32), "create_price");
}

Status make_price(CatalogContext const& context, PriceWork& work) {
    if (work.is_as_wanted) return {};
    stripe::NewPrice wish{.product_id = product_id(*work.plan),
                          .currency = work.main_currency,
                          .interval = Interval{work.price->interval, 1},
                          .lookup_key = work.price->lookup_key,
                          .takes_over_lookup_key = work.present.has_value(),
                          .metadata = {{"billhook_plan", work.plan->code}}};
    for (auto const& [currency, amount] : work.price->amounts)
        if (currency == work.main_currency)
            wish.unit_amount = amount;
        else
            wish.currency_options[currency] = amount;
    auto const made = TRY(stripe::create_price(context.stripe, wish, key_of(work)));
    crash_point("catalog.price_created");
    work.present = TRY(stripe::retrieve_price(context.stripe, made.id));
    return {};
}

/// Plans are changed through Billhook alone, where limits and scheduled changes are known; the portal does the rest.
Status make_portal(CatalogContext const& context, Survey const& survey) {
    if (survey.has_portal) return {};
    JsonObject const features{
        {"customer_update", {{"enabled", true}, {"allowed_updates", {"address", "email", "name", "tax_id"}}}},
        {"invoice_history", {{"enabled", true}}},
        {"payment_method_update", {{"enabled", true}}},
        {"subscription_cancel", {{"enabled", true}, {"mode", "at_period_end"}}}};
    TRY(stripe::create_portal_configuration(context.stripe, features, {{"billhook_portal", "default"}},
                                            IdempotencyKey::of("catalog:portal", "create_configuration")));
    crash_point("catalog.portal_created");
    return {};
}

Status record(CatalogContext const& context, Survey const& survey, std::string const& source) {
    return context.store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        for (auto const& work : survey.prices)
            for (auto const& [currency, unused] : work.price->amounts)
                TRY_VOID(store::save_catalog_price(writer, {.stripe_price_id = work.present->id,
                                                            .currency = currency,
                                                            .lookup_key = work.price->lookup_key,
                                                            .stripe_product_id = work.present->product_id,
                                                            .plan = work.plan->code,
                                                            .interval = work.price->interval,
                                                            .amount = amount_in(*work.present, currency)}));
        return store::insert_catalog_version(writer, {.id = "cat_" + context.random.alphanumeric(20),
                                                      .source = source,
                                                      .hash = to_hex(sha256(source)),
                                                      .applied_at = context.clock.now()});
    });
}

}  // namespace

char const* to_string(CatalogChange::Kind kind) {
    switch (kind) {
        case Kind::create_product:
            return "create_product";
        case Kind::update_product:
            return "update_product";
        case Kind::create_price:
            return "create_price";
        case Kind::replace_price:
            return "replace_price";
        case Kind::create_portal:
            return "create_portal";
        case Kind::record:
            return "record";
    }
    return "record";
}

Result<std::vector<CatalogChange>> plan_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                std::string const& source) {
    return changes_of(TRY(look_around(context, catalog, source)));
}

Result<std::vector<CatalogChange>> apply_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                 std::string const& source) {
    auto survey = TRY(look_around(context, catalog, source));
    auto changes = changes_of(survey);
    if (changes.empty()) return changes;
    crash_point("catalog.surveyed");
    for (auto const& work : survey.products) TRY_VOID(make_product(context, work));
    for (auto& work : survey.prices) TRY_VOID(make_price(context, work));
    TRY_VOID(make_portal(context, survey));
    crash_point("catalog.made");
    TRY_VOID(record(context, survey, source));
    crash_point("catalog.recorded");
    return changes;
}

}  // namespace billhook::flow
