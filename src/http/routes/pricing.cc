#include "http/routes/pricing.h"

#include <algorithm>

#include "base/digest.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "http/context.h"
#include "http/fields.h"
#include "http/wire.h"
#include "store/catalog_store.h"

namespace billhook::http {
namespace {

using Prices = std::vector<store::CatalogPrice>;

/// The active prices of a plan in one currency, by rising length of the interval.
std::vector<store::CatalogPrice const*> prices_of(Prices const& prices, std::string_view plan,
                                                  std::string_view currency) {
    std::vector<store::CatalogPrice const*> found;
    for (auto const& price : prices)
        if (price.is_active && price.plan == plan && price.currency == currency) found.push_back(&price);
    std::ranges::sort(found, {}, [](auto const* price) { return price->interval; });
    return found;
}

JsonObject render_plan(catalog::Catalog const& catalog, catalog::Plan const& plan, Prices const& prices,
                       std::string const& currency) {
    auto contents = contents_of(catalog, plan);
    JsonArray intervals;
    auto const found = prices_of(prices, plan.code, currency);
    for (auto const* price : found)
        intervals.push_back(
            {{"interval", to_string(price->interval)}, {"amount", price->amount}, {"currency", currency}});
    return {{"amount", found.empty() ? Json(nullptr) : Json(found.front()->amount)},
            {"currency", currency},
            {"interval", found.empty() ? Json(nullptr) : Json(to_string(found.front()->interval))},
            {"name", plan.name},
            {"rank", plan.rank},
            {"features", std::move(contents.features)},
            {"limits", std::move(contents.limits)},
            {"trial_days", plan.trial_days},
            {"contact_sales", !plan.is_self_service},
            {"prices", std::move(intervals)}};
}

JsonObject render_line(catalog::Catalog const& catalog, catalog::ProductLine const& line, Prices const& prices,
                       std::string const& currency) {
    JsonObject plans;
    for (auto const& code : line.plans)
        if (auto const* plan = catalog.find_plan(code); plan && plan->is_visible)
            plans[code] = render_plan(catalog, *plan, prices, currency);
    return plans;
}

Result<std::string> wanted_currency(Call const& call, catalog::Catalog const& catalog) {
    Fields fields(call.query, FieldSource::query);
    auto const wanted = fields.optional_text("currency", 3);
    TRY_VOID(fields.finish());
    if (!wanted) return catalog.default_currency;
    std::string code = TRY(Currency::parse(*wanted)).code();
    if (std::ranges::find(catalog.currencies, code) != catalog.currencies.end()) return code;
    std::string known;
    for (auto const& each : catalog.currencies) known += (known.empty() ? "" : ", ") + each;
    return fail(invalid("currency", "expected one of the catalog's currencies: " + known));
}

}  // namespace

Result<Answer> get_public_pricing(Call const& call) {
    auto const catalog = call.context.snapshots.catalog();
    auto const currency = TRY(wanted_currency(call, *catalog));
    auto const prices = TRY(call.context.store.read_value(
        store::Scope::system(), [](store::Reader& reader) { return store::list_catalog_prices(reader); }));
    JsonObject lines;
    for (auto const& line : catalog->lines) lines[line.code] = render_line(*catalog, line, prices, currency);
    // The literal shape names two lines of its own; other catalogs find theirs under `lines`.
    auto const* tiers = lines.if_contains("tier");
    auto const* ai = lines.if_contains("ai");
    JsonObject body{{"tiers", tiers ? *tiers : Json(JsonObject{})},
                    {"ai", ai ? *ai : Json(JsonObject{})},
                    {"lines", lines},
                    {"addons", JsonObject{}}};
    Answer answer = ok(std::move(body));
    answer.headers.emplace_back("ETag", "\"" + to_hex(sha256(to_text(answer.body))).substr(0, 32) + "\"");
    answer.headers.emplace_back("Cache-Control", "public, max-age=60");
    return answer;
}

}  // namespace billhook::http
