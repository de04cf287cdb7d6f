#include "gateway/stripe/subscription_calls.h"

#include "gateway/stripe/answer.h"
#include "gateway/stripe/parameters.h"
#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

// Deeper than this Stripe does not expand; who needs the payment intent of the invoice retrieves the invoice.
void expand_answer(Parameters& parameters) {
    parameters.expand({"latest_invoice.payments", "latest_invoice.confirmation_secret", "default_payment_method"});
}

// A subscription carries only the first of many items; the others are fetched, so that none is ever taken for removed.
Result<Subscription> complete(Client const& client, Subscription subscription) {
    if (!subscription.has_more_items) return subscription;
    auto const parse_item = [](Json const& tree) { return parse_subscription_item(tree); };
    subscription.items =
        TRY(collect_all(client, {"/v1/subscription_items", {}}, {{"subscription", subscription.id}}, parse_item));
    subscription.has_more_items = false;
    return subscription;
}

Result<Subscription> read(Client const& client, Result<Json> const& answer) {
    return complete(client, TRY(parse_answer(answer, parse_subscription)));
}

Parameters trial_settings(MissingPaymentMethod end) {
    return Parameters().put_object("end_behavior", Parameters().put_text("missing_payment_method", to_string(end)));
}

}  // namespace

char const* to_string(ProrationBehavior behavior) {
    switch (behavior) {
        case ProrationBehavior::create_prorations:
            return "create_prorations";
        case ProrationBehavior::always_invoice:
            return "always_invoice";
        case ProrationBehavior::none:
            return "none";
    }
    return "create_prorations";
}

char const* to_string(PaymentBehavior behavior) {
    switch (behavior) {
        case PaymentBehavior::allow_incomplete:
            return "allow_incomplete";
        case PaymentBehavior::default_incomplete:
            return "default_incomplete";
        case PaymentBehavior::error_if_incomplete:
            return "error_if_incomplete";
        case PaymentBehavior::pending_if_incomplete:
            return "pending_if_incomplete";
    }
    return "allow_incomplete";
}

char const* to_string(MissingPaymentMethod end) {
    switch (end) {
        case MissingPaymentMethod::create_invoice:
            return "create_invoice";
        case MissingPaymentMethod::pause:
            return "pause";
        case MissingPaymentMethod::cancel:
            return "cancel";
    }
    return "create_invoice";
}

Result<Subscription> create_subscription(Client const& client, NewSubscription const& wish, IdempotencyKey const& key) {
    Parameters body;
    body.put_text("customer", wish.customer_id).put_items("items", wish.items).put_text("currency", wish.currency);
    body.put_object("billing_mode", Parameters().put_text("type", "flexible"));
    body.put_text("payment_behavior", to_string(wish.payment_behavior));
    body.put_text("default_payment_method", wish.default_payment_method_id);
    if (wish.trial_end) {
        body.put("trial_end", wish.trial_end);
        body.put_object("trial_settings", trial_settings(wish.trial_without_payment_method));
    }
    body.put("metadata", wish.metadata);
    expand_answer(body);
    return read(client, client.post({"/v1/subscriptions", {}}, body.object(), key));
}

Result<Subscription> update_subscription(Client const& client, std::string const& id, SubscriptionChange const& change,
                                         IdempotencyKey const& key) {
    Parameters body;
    body.put_items("items", change.items);
    if (change.proration_behavior) body.put_text("proration_behavior", to_string(*change.proration_behavior));
    body.put("proration_date", change.proration_date);
    if (change.payment_behavior) body.put_text("payment_behavior", to_string(*change.payment_behavior));
    body.put("cancel_at_period_end", change.cancel_at_period_end);
    if (change.ends_trial_now)
        body.put_text("trial_end", "now");
    else
        body.put("trial_end", change.trial_end);
    body.put_object("cancellation_details", Parameters()
                                                .put_text("comment", change.cancellation_comment)
                                                .put_text("feedback", change.cancellation_feedback));
    body.put("metadata", change.metadata);
    expand_answer(body);
    return read(client, client.post({"/v1/subscriptions/{id}", {id}}, body.object(), key));
}

Result<Subscription> set_default_payment_method(Client const& client, std::string const& id,
                                                std::string const& payment_method_id) {
    Parameters body;
    body.put_text("default_payment_method", payment_method_id);
    expand_answer(body);
    return read(client, client.post_repeatable({"/v1/subscriptions/{id}", {id}}, body.object()));
}

Result<Subscription> cancel_subscription(Client const& client, std::string const& id, CancelWish const& wish) {
    Parameters query;
    if (wish.prorates) query.put("prorate", Json(true));
    if (wish.invoices_now) query.put("invoice_now", Json(true));
    query.put_object("cancellation_details",
                     Parameters().put_text("comment", wish.comment).put_text("feedback", wish.feedback));
    expand_answer(query);
    auto canceled = read(client, client.remove({"/v1/subscriptions/{id}", {id}}, query.object()));
    if (canceled || canceled.error().kind != ErrorKind::not_found) return canceled;
    // A DELETE has no idempotency key: after a lost answer Stripe says that there is no such subscription to cancel.
    auto present = TRY(retrieve_subscription(client, id));
    if (present.status == "canceled" || present.status == "incomplete_expired") return present;
    return canceled;
}

Result<Subscription> resume_subscription(Client const& client, std::string const& id, IdempotencyKey const& key) {
    Parameters body;
    // Since 2026-09-30.endive the anchor of a running subscription is an object; on creation it still is a timestamp.
    body.put_object("billing_cycle_anchor", Parameters().put_text("type", "now"));
    body.put_text("payment_behavior", "resume_on_payment_success");
    expand_answer(body);
    return read(client, client.post({"/v1/subscriptions/{id}/resume", {id}}, body.object(), key));
}

Result<Subscription> retrieve_subscription(Client const& client, std::string const& id) {
    Parameters query;
    expand_answer(query);
    return read(client, client.get({"/v1/subscriptions/{id}", {id}}, query.object()));
}

Status for_each_subscription(Client const& client, SubscriptionQuery const& query,
                             std::function<Result<Client::Walk>(Subscription const&)> const& visit) {
    Parameters parameters;
    parameters.put_text("customer", query.customer_id).put_text("test_clock", query.test_clock_id);
    if (query.includes_ended) parameters.put_text("status", "all");
    parameters.expand({"data.latest_invoice", "data.default_payment_method"});
    return visit_all(
        client, {"/v1/subscriptions", {}}, parameters.object(), parse_subscription,
        [&](Subscription const& one) -> Result<Client::Walk> { return visit(TRY(complete(client, one))); });
}

}  // namespace billhook::stripe
