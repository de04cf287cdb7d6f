#include "flow/command/offer.h"

#include "flow/price_book.h"

namespace billhook::flow {

Result<catalog::Plan const*> require_plan(catalog::Catalog const& catalog, std::string const& code) {
    if (auto const* plan = catalog.find_plan(code)) return plan;
    return fail(not_found("There is no plan '" + code + "'; the pricing page lists them.", "unknown_plan"));
}

Result<std::string> find_price(CommandContext const& context, catalog::Catalog const& catalog,
                               subscription::Target const& target, std::string const& currency) {
    auto const* price = TRY(require_plan(catalog, target.plan))->find_price(target.interval);
    if (price && price->stripe_price_id) return *price->stripe_price_id;
    auto const prices = context.projector.prices();
    if (auto const* offer = prices->find_offer(target.plan, target.interval, currency)) return offer->stripe_price_id;
    return fail(unavailable("catalog_not_applied", "The price of '" + target.plan +
                                                       "' is not known to Stripe yet; run `billhook catalog apply`."));
}

}  // namespace billhook::flow
