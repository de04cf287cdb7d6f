#include "flow/command/step.h"

#include "base/crash_point.h"
#include "flow/command/carry_out.h"
#include "flow/projector/project_checkout_session.h"
#include "flow/projector/project_invoice.h"
#include "flow/projector/project_subscription.h"
#include "gateway/stripe/calls.h"
#include "store/customer_store.h"
#include "store/intent_store.h"

namespace billhook::flow {

using subscription::Intent;
using subscription::IntentKind;

stripe::IdempotencyKey key_of(Intent const& intent, std::string_view step) {
    return stripe::IdempotencyKey::of(intent.id.str(), step);
}

stripe::Metadata metadata_of(Intent const& intent) {
    namespace key = stripe::metadata_key;
    return {{std::string(key::customer), intent.customer.str()},
            {std::string(key::subscription), intent.subscription.str()},
            {std::string(key::intent), intent.id.str()},
            {std::string(key::line), intent.line}};
}

Result<Intent> remember(CommandContext const& context, Intent const& intent, std::string_view name, Json value) {
    return context.store.write_value(store::Scope::customer(intent.customer),
                                     [&](store::Writer& writer) -> Result<Intent> {
                                         auto current = TRY(store::find_intent(writer, intent.customer, intent.id));
                                         if (!current || current->status != subscription::IntentStatus::pending)
                                             return current.value_or(intent);
                                         if (current->parameters.contains(name)) return *current;
                                         current->parameters[name] = value;
                                         TRY_VOID(store::update_intent(writer, *current));
                                         return *current;
                                     });
}

namespace {

/// Whether it was overtaken, so that one has to look again.
Result<bool> project(CommandContext const& context, Intent const& intent, SubscriptionLook const& look) {
    Origin const origin{"intent:" + intent.id.str(), intent.customer};
    return context.store.write_value(
        store::Scope::customer(intent.customer), [&](store::Writer& writer) -> Result<bool> {
            auto const projected = TRY(project_subscription(writer, context.projector, look, origin));
            bool const is_overtaken = projected.effect == ProjectedSubscription::Effect::ask_again;
            if (!look.subscription.latest_invoice) return is_overtaken;
            auto const invoice = TRY(project_invoice(writer, *look.subscription.latest_invoice, look.time, origin));
            return is_overtaken || invoice == ProjectedInvoice::ask_again;
        });
}

Status look_and_project(CommandContext const& context, Intent const& intent, std::string const& stripe_subscription) {
    auto& stripe = context.projector.stripe;
    auto look = TRY(look_at_subscription(stripe, context.projector.clock, stripe_subscription));
    // Whether a payment that is awaited needs the payer stands deeper in the invoice than this look reaches.
    if (intent.parameters.contains("awaiting_payment") && !look.subscription.latest_invoice_id.empty())
        look.subscription.latest_invoice = TRY(stripe::retrieve_invoice(stripe, look.subscription.latest_invoice_id));
    crash_point("look.read");
    TRY(project(context, intent, look));
    crash_point("look.projected");
    return {};
}

}  // namespace

Status project_answer(CommandContext const& context, Intent const& intent, stripe::Subscription const& answer,
                      LookTime const& time) {
    crash_point("answer.received");
    bool const is_overtaken = TRY(project(context, intent, {answer, std::nullopt, time}));
    crash_point("answer.projected");
    if (!is_overtaken) return {};
    return look_and_project(context, intent, answer.id);
}

Status project_look(CommandContext const& context, Intent const& intent) {
    return look_and_project(context, intent, string_or(intent.parameters, "stripe_subscription"));
}

namespace {

bool is_of(stripe::Metadata const& metadata, Intent const& intent) {
    return stripe::metadata_or_empty(metadata, stripe::metadata_key::intent) == intent.id.str();
}

Status find_checkout(CommandContext const& context, Intent const& intent, std::string const& stripe_customer) {
    auto& stripe = context.projector.stripe;
    return stripe::for_each_checkout_session(
        stripe, stripe_customer, [&](stripe::CheckoutSession const& session) -> Result<stripe::Client::Walk> {
            if (!is_of(session.metadata, intent)) return stripe::Client::Walk::on;
            crash_point("find_out.checkout_found");
            TRY_VOID(project_session(context, intent, session));
            crash_point("find_out.checkout_projected");
            return stripe::Client::Walk::stop;
        });
}

Status find_trial(CommandContext const& context, Intent const& intent, std::string const& stripe_customer) {
    auto& stripe = context.projector.stripe;
    stripe::SubscriptionQuery query;
    query.customer_id = stripe_customer;
    return stripe::for_each_subscription(stripe, query,
                                         [&](stripe::Subscription const& found) -> Result<stripe::Client::Walk> {
                                             if (!is_of(found.metadata, intent)) return stripe::Client::Walk::on;
                                             TRY_VOID(look_and_project(context, intent, found.id));
                                             return stripe::Client::Walk::stop;
                                         });
}

}  // namespace

Status project_session(CommandContext const& context, Intent const& intent, stripe::CheckoutSession const& session,
                       std::string const& reason) {
    TRY_VOID(context.store.write(store::Scope::customer(intent.customer), [&](store::Writer& writer) -> Status {
        TRY(project_checkout_session(writer, context.projector, session, {"intent:" + intent.id.str(), intent.customer},
                                     reason));
        return {};
    }));
    crash_point("checkout.session_projected");
    if (session.subscription_id.empty()) return {};
    return look_and_project(context, intent, session.subscription_id);
}

Status find_out(CommandContext const& context, Intent const& intent) {
    if (intent.parameters.contains("stripe_subscription")) return project_look(context, intent);
    if (auto const session = string_or(intent.parameters, "session"); !session.empty())
        return project_session(context, intent,
                               TRY(stripe::retrieve_checkout_session(context.projector.stripe, session)));
    auto customer = TRY(context.store.read_value(store::Scope::customer(intent.customer), [&](store::Reader& reader) {
        return store::find_customer(reader, intent.customer);
    }));
    // Before Stripe knows the customer there is nothing to find.
    if (!customer || customer->stripe_customer_id.empty()) return {};
    if (intent.kind == IntentKind::purchase) return find_checkout(context, intent, customer->stripe_customer_id);
    return find_trial(context, intent, customer->stripe_customer_id);
}

Result<bool> is_found_done(CommandContext const& context, Intent const& intent) {
    TRY_VOID(find_out(context, intent));
    return is_driven(TRY(reload(context, intent)));
}

}  // namespace billhook::flow
