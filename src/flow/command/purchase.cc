#include "flow/command/purchase.h"

#include "flow/command/customer_command.h"
#include "flow/command/offer.h"
#include "flow/command/run_intent.h"
#include "flow/command/standing.h"

namespace billhook::flow {

using subscription::Decision;
using subscription::Intent;
using subscription::Stamp;
using subscription::Standing;

namespace {

Result<std::string> currency_of(PurchaseRequest const& request, customer::Customer const& customer,
                                catalog::Catalog const& catalog) {
    if (request.currency.empty()) return customer.currency.empty() ? catalog.default_currency : customer.currency;
    if (!customer.currency.empty() && customer.currency != request.currency)
        return fail(conflict("currency_fixed", "The customer pays in '" + customer.currency +
                                                   "'; Stripe keeps one currency for each customer."));
    return request.currency;
}

/// What the steps will need, written with the intent so that every repetition sends the same.
Status complete(CommandContext const& context, catalog::Catalog const& catalog, Decision& decision) {
    if (decision.kind != Decision::Kind::begin) return {};
    auto& intent = decision.intent;
    auto const currency = string_or(intent.parameters, "currency");
    intent.parameters["price"] = TRY(find_price(context, catalog, subscription::target_of(intent), currency));
    if (intent.kind != subscription::IntentKind::start_trial) return {};
    auto const days = int_or(intent.parameters, "trial_days");
    intent.parameters["trial_end"] = (intent.created_at + Duration::days(days)).seconds();
    return {};
}

Result<std::optional<Intent>> buy(CommandContext const& context, PurchaseRequest const& request,
                                  bool without_checkout) {
    auto catalog = context.projector.catalog();
    auto const* plan = TRY(require_plan(*catalog, request.target.plan));
    auto decide = [&](store::Reader& reader, Standing const& standing, Stamp const& stamp) -> Result<Decision> {
        auto customer = TRY(load_customer(reader, request.asker.customer));
        subscription::PurchaseWish wish;
        wish.target = request.target;
        wish.currency = TRY(currency_of(request, customer, *catalog));
        wish.without_checkout = without_checkout;
        wish.is_separate_attempt = request.is_separate_attempt;
        wish.success_url = request.success_url.empty() ? context.settings.success_url : request.success_url;
        wish.cancel_url = request.cancel_url.empty() ? context.settings.cancel_url : request.cancel_url;
        auto decision = TRY(subscription::request_purchase(*catalog, standing, wish, stamp));
        TRY_VOID(complete(context, *catalog, decision));
        return decision;
    };
    return run_intent(context, request.asker, plan->line, decide);
}

}  // namespace

Result<CheckoutView> purchase(CommandContext const& context, PurchaseRequest const& request) {
    auto intent = TRY(buy(context, request, false));
    // Buying is never "already so": who holds the line is refused.
    if (!intent) return fail(conflict("line_already_held", "A subscription of this line is already held."));
    Json const parameters(intent->parameters);
    return CheckoutView{string_or(parameters, "session_url"), string_or(parameters, "session"), intent->id,
                        Timestamp::from_seconds(int_or(parameters, "session_expires_at"))};
}

Result<SubscriptionView> start_trial(CommandContext const& context, PurchaseRequest const& request) {
    TRY(buy(context, request, true));
    auto const catalog = context.projector.catalog();
    auto const line = catalog->find_plan(request.target.plan)->line;
    return context.store.read_value(store::Scope::customer(request.asker.customer), [&](store::Reader& reader) {
        return view_line(reader, request.asker.customer, line);
    });
}

}  // namespace billhook::flow
