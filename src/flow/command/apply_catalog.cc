#include "flow/command/apply_catalog.h"

#include "base/crash_point.h"
#include "base/digest.h"
#include "flow/command/apply_catalog_survey.h"
#include "gateway/stripe/product_calls.h"
#include "gateway/stripe/session_calls.h"
#include "store/setting_store.h"

namespace billhook::flow {
namespace {

using stripe::IdempotencyKey;

// The apply that is under way: "<id> <hash of the file>". Its id is part of every idempotency key, so that an apply
// that crashed repeats the same requests, while going back to an earlier file within Stripe's memory of keys does not.
constexpr std::string_view apply_wish_setting = "catalog.apply";

Result<std::string> begin_apply_wish(CatalogContext const& context, std::string const& hash) {
    return context.store.write_value(store::Scope::system(), [&](store::Writer& writer) -> Result<std::string> {
        auto const pending = TRY(store::find_setting(writer, apply_wish_setting));
        if (pending && pending->ends_with(" " + hash)) return pending->substr(0, pending->find(' '));
        auto id = "cap_" + context.random.alphanumeric(20);
        TRY_VOID(store::save_setting(writer, apply_wish_setting, id + " " + hash, context.clock.now()));
        return id;
    });
}

Status end_wish(CatalogContext const& context) {
    return context.store.write(store::Scope::system(),
                               [](store::Writer& writer) { return store::remove_setting(writer, apply_wish_setting); });
}

/// Carries out one survey. Every step is a wish against a state: asking again where the step was done already finds
/// nothing to do.
class Application {
  public:
    Application(CatalogContext const& context, CatalogSurvey& survey, std::string wish)
        : context_(context), survey_(survey), wish_(std::move(wish)) {}

    Status carry_out(std::string const& source) {
        for (auto const& product : survey_.products) TRY_VOID(make_product(product));
        for (auto& price : survey_.prices) TRY_VOID(make_price(price));
        TRY_VOID(make_portal());
        crash_point("catalog.made");
        // What is sold is recorded before the old prices are switched off, so that nobody is offered a dead one.
        TRY_VOID(record(source));
        crash_point("catalog.recorded");
        for (auto const& price : survey_.surplus_prices) {
            TRY(stripe::update_price(context_.stripe, price.id, {.is_active = false}, key("retire", price.id)));
            crash_point("catalog.price_retired");
        }
        for (auto const& product : survey_.surplus_products) {
            TRY(stripe::update_product(context_.stripe, product.id, {.is_active = false}, key("retire", product.id)));
            crash_point("catalog.product_retired");
        }
        return {};
    }

  private:
    /// The step, what it shall be and what it finds.
    IdempotencyKey key(std::string const& step, std::string const& content) const {
        return IdempotencyKey::of(wish_, step + ":" + to_hex(sha256(content)).substr(0, 32));
    }

    Status make_product(SurveyedProduct const& product) {
        if (product.is_as_wanted()) return {};
        auto const& plan = *product.plan;
        auto const id = product_id_of(plan);
        auto const content = id + "\n" + plan.name + "\n" + plan.description;
        if (!product.present) {
            TRY(stripe::create_product(context_.stripe,
                                       {.id = id,
                                        .name = plan.name,
                                        .description = plan.description,
                                        .metadata = {{std::string(stripe::metadata_key::plan), plan.code},
                                                     {std::string(stripe::metadata_key::line), plan.line}}},
                                       key("create_product", content)));
            crash_point("catalog.product_created");
            return {};
        }
        auto const& present = *product.present;
        stripe::ProductChange const change{
            .name = plan.name, .description = plan.description, .is_active = true, .metadata = {}};
        TRY(stripe::update_product(
            context_.stripe, id, change,
            key("update_product",
                content + "\nwas " + present.name + "\n" + present.description + (present.is_active ? "" : "\noff"))));
        crash_point("catalog.product_updated");
        return {};
    }

    Status make_price(SurveyedPrice& price) {
        if (price.step == SurveyedPrice::Step::none) return {};
        auto const& lookup_key = price.price->lookup_key;
        bool const takes_over = price.present && (!price.same_terms || price.present->id != price.same_terms->id);
        auto const after = "\nafter " + (price.present ? price.present->id : std::string("none"));
        if (price.step == SurveyedPrice::Step::revive) {
            price.same_terms = TRY(
                stripe::update_price(context_.stripe, price.same_terms->id,
                                     {.is_active = true, .lookup_key = lookup_key, .takes_over_lookup_key = takes_over},
                                     key("revive", price.same_terms->id + "\n" + lookup_key + after)));
            crash_point("catalog.price_revived");
            return {};
        }
        stripe::NewPrice wish{.product_id = product_id_of(*price.plan),
                              .currency = price.main_currency,
                              .interval = Interval{price.price->interval, 1},
                              .lookup_key = lookup_key,
                              .takes_over_lookup_key = takes_over,
                              .metadata = {{std::string(stripe::metadata_key::plan), price.plan->code}}};
        std::string content = wish.product_id + "\n" + lookup_key + "\n" + price.main_currency;
        for (auto const& [currency, amount] : price.price->amounts) {
            content += "\n" + currency + "=" + std::to_string(amount);
            if (currency == price.main_currency)
                wish.unit_amount = amount;
            else
                wish.currency_options[currency] = amount;
        }
        price.same_terms = TRY(stripe::create_price(context_.stripe, wish, key("create_price", content + after)));
        crash_point("catalog.price_created");
        return {};
    }

    /// Plans are changed through Billhook alone, where limits and scheduled changes are known; the portal does the
    /// rest.
    Status make_portal() {
        if (survey_.has_portal) return {};
        JsonObject const features{
            {"customer_update", {{"enabled", true}, {"allowed_updates", {"address", "email", "name", "tax_id"}}}},
            {"invoice_history", {{"enabled", true}}},
            {"payment_method_update", {{"enabled", true}}},
            {"subscription_cancel", {{"enabled", true}, {"mode", "at_period_end"}}}};
        TRY(stripe::create_portal_configuration(context_.stripe, features, {{"billhook_portal", "default"}},
                                                key("create_portal", "portal")));
        crash_point("catalog.portal_created");
        return {};
    }

    Status record(std::string const& source) {
        return context_.store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
            for (auto row : survey_.surplus_rows()) {
                row.is_active = false;
                TRY_VOID(store::save_catalog_price(writer, row));
            }
            for (auto const& price : survey_.prices)
                for (auto const& [currency, amount] : price.amounts())
                    TRY_VOID(store::save_catalog_price(writer, {.stripe_price_id = price.same_terms->id,
                                                                .currency = currency,
                                                                .lookup_key = price.price->lookup_key,
                                                                .stripe_product_id = price.same_terms->product_id,
                                                                .plan = price.plan->code,
                                                                .interval = price.price->interval,
                                                                .amount = amount}));
            return store::insert_catalog_version(writer, {.id = "cat_" + context_.random.alphanumeric(20),
                                                          .source = source,
                                                          .hash = survey_.hash,
                                                          .applied_at = context_.clock.now()});
        });
    }

    CatalogContext const& context_;
    CatalogSurvey& survey_;
    std::string const wish_;
};

}  // namespace

Result<std::vector<CatalogChange>> plan_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                std::string const& source) {
    return changes_of(TRY(survey_catalog(context, catalog, source)));
}

Result<std::vector<CatalogChange>> apply_catalog(CatalogContext const& context, catalog::Catalog const& catalog,
                                                 std::string const& source) {
    auto survey = TRY(survey_catalog(context, catalog, source));
    auto changes = changes_of(survey);
    if (changes.empty()) return changes;
    crash_point("catalog.surveyed");
    auto const wish = TRY(begin_apply_wish(context, survey.hash));
    crash_point("catalog.begun");
    TRY_VOID(Application(context, survey, wish).carry_out(source));
    TRY_VOID(end_wish(context));
    return changes;
}

}  // namespace billhook::flow
