#include "flow/command/set_up_payment.h"

#include <vector>

#include "base/crash_point.h"
#include "flow/command/customer_command.h"
#include "flow/command/standing.h"
#include "gateway/stripe/calls.h"

namespace billhook::flow {

Result<SetUpView> set_up_payment(CommandContext const& context, SetUpRequest const& request) {
    stripe::NewSetupSession wish;
    wish.success_url = request.success_url.empty() ? context.settings.success_url : request.success_url;
    wish.cancel_url = request.cancel_url.empty() ? context.settings.cancel_url : request.cancel_url;
    wish.metadata.emplace(stripe::metadata_key::customer, request.asker.customer.str());
    auto const session = TRY(call_for_stripe_customer(
        context, request.asker.customer, [&](customer::Customer const& customer) -> Result<stripe::CheckoutSession> {
            wish.customer_id = customer.stripe_customer_id;
            wish.currency =
                customer.currency.empty() ? context.projector.catalog()->default_currency : customer.currency;
            crash_point("set_up.begun");
            return stripe::create_setup_session(context.projector.stripe, wish);
        }));
    crash_point("set_up.session_created");
    return SetUpView{session.url, session.id, session.expires_at};
}

namespace {

/// What Checkout kept on a subscription comes before the customer's default.
Status use_for_subscriptions(CommandContext const& context, std::string const& stripe_customer,
                             std::string const& payment_method) {
    auto const& stripe = context.projector.stripe;
    std::vector<std::string> others;
    stripe::SubscriptionQuery const query{.customer_id = stripe_customer, .includes_ended = false};
    TRY_VOID(stripe::for_each_subscription(stripe, query,
                                           [&](stripe::Subscription const& each) -> Result<stripe::Client::Walk> {
                                               auto const& own = each.default_payment_method_id;
                                               if (!own.empty() && own != payment_method) others.push_back(each.id);
                                               return stripe::Client::Walk::on;
                                           }));
    for (auto const& id : others) {
        TRY(stripe::set_default_payment_method(stripe, id, payment_method));
        crash_point("use_payment_method.of_subscription");
    }
    return {};
}

}  // namespace

Status use_payment_method(CommandContext const& context, CustomerId const& customer,
                          std::string const& setup_intent_id) {
    auto const& stripe = context.projector.stripe;
    auto const record = TRY(context.store.read_value(
        store::Scope::customer(customer), [&](store::Reader& reader) { return load_customer(reader, customer); }));
    auto const payment_method = TRY(stripe::retrieve_payment_method_set_up(stripe, setup_intent_id));
    if (record.stripe_customer_id.empty() || payment_method.empty()) return {};
    TRY(stripe::update_customer(stripe, record.stripe_customer_id, {.default_payment_method_id = payment_method}));
    crash_point("use_payment_method.of_customer");
    return use_for_subscriptions(context, record.stripe_customer_id, payment_method);
}

}  // namespace billhook::flow
