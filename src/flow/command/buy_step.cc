// The steps of buying: a Checkout Session, or a subscription that begins with a trial.

#include "base/crash_point.h"
#include "flow/command/customer_command.h"
#include "flow/command/standing.h"
#include "flow/command/step.h"
#include "gateway/stripe/calls.h"

namespace billhook::flow {

using subscription::Intent;

namespace {

std::vector<stripe::ItemWish> items_of(Intent const& intent) {
    Json const parameters(intent.parameters);
    stripe::ItemWish item;
    item.price_id = string_or(parameters, "price");
    item.quantity = int_or(parameters, "quantity", 1);
    return {item};
}

/// The payer. One that was found at Stripe may turn out to hold the line there; then no money moves.
Result<customer::Customer> ready_to_buy(CommandContext const& context, Intent const& intent) {
    auto payer = TRY(ensure_stripe_customer(context, intent.customer));
    auto const standing =
        TRY(context.store.read_value(store::Scope::customer(intent.customer), [&](store::Reader& reader) {
            return load_standing(reader, intent.customer, intent.line);
        }));
    if (standing.held && !subscription::has_ended(standing.held->status))
        return fail(conflict("line_already_held", "A subscription of this line is already held."));
    return payer;
}

}  // namespace

Status open_checkout(CommandContext const& context, Intent const& intent) {
    auto customer = TRY(ready_to_buy(context, intent));
    Json const parameters(intent.parameters);
    stripe::NewCheckoutSession wish;
    wish.customer_id = customer.stripe_customer_id;
    wish.items = items_of(intent);
    wish.currency = string_or(parameters, "currency");
    wish.success_url = string_or(parameters, "success_url");
    wish.cancel_url = string_or(parameters, "cancel_url");
    wish.client_reference_id = intent.id.str();
    wish.trial_days = static_cast<int>(int_or(parameters, "trial_days"));
    wish.collects_card_only_if_due = wish.trial_days > 0 && !bool_or(parameters, "trial_needs_card", true);
    wish.trial_without_payment_method = context.settings.trial_without_payment_method;
    wish.allows_promotion_codes = context.settings.allows_promotion_codes;
    wish.has_automatic_tax = context.settings.has_automatic_tax;
    wish.metadata = metadata_of(intent);
    wish.subscription_metadata = wish.metadata;
    crash_point("checkout.begun");
    auto session = TRY(ask_once(context, intent, "checkout", [&](auto const& key) {
        return stripe::create_checkout_session(context.projector.stripe, wish, key);
    }));
    crash_point("checkout.session_created");
    return session ? project_session(context, intent, *session) : Status{};
}

Status create_trial(CommandContext const& context, Intent const& intent) {
    auto customer = TRY(ready_to_buy(context, intent));
    Json const parameters(intent.parameters);
    stripe::NewSubscription wish;
    wish.customer_id = customer.stripe_customer_id;
    wish.items = items_of(intent);
    wish.currency = string_or(parameters, "currency");
    wish.trial_end = Timestamp::from_seconds(int_or(parameters, "trial_end"));
    wish.trial_without_payment_method = context.settings.trial_without_payment_method;
    wish.metadata = metadata_of(intent);
    crash_point("trial.begun");
    LookTime time;
    auto answer = TRY(ask_once(context, intent, "create", [&](auto const& key) {
        return timed_write(context.projector.clock, time,
                           [&] { return stripe::create_subscription(context.projector.stripe, wish, key); });
    }));
    crash_point("trial.subscription_created");
    return answer ? project_answer(context, intent, *answer, time) : Status{};
}

}  // namespace billhook::flow
