#include "gateway/stripe/session_calls.h"

#include "gateway/stripe/answer.h"
#include "gateway/stripe/parameters.h"

namespace billhook::stripe {
namespace {

Parameters subscription_data(NewCheckoutSession const& wish) {
    Parameters data;
    data.put_object("billing_mode", Parameters().put_text("type", "flexible"));
    data.put("metadata", wish.subscription_metadata);
    if (wish.trial_days > 0) {
        data.put("trial_period_days", Json(wish.trial_days));
        auto const missing = to_string(wish.trial_without_payment_method);
        data.put_object(
            "trial_settings",
            Parameters().put_object("end_behavior", Parameters().put_text("missing_payment_method", missing)));
    }
    return data;
}

Parameters flow_data(NewPortalSession const& wish) {
    Parameters flow;
    if (wish.flow.empty()) return flow;
    flow.put_text("type", wish.flow);
    if (!wish.subscription_id.empty())
        flow.put_object(wish.flow, Parameters().put_text("subscription", wish.subscription_id));
    return flow;
}

}  // namespace

Result<CheckoutSession> create_checkout_session(Client const& client, NewCheckoutSession const& wish,
                                                IdempotencyKey const& key) {
    Parameters body;
    body.put_text("mode", "subscription").put_text("customer", wish.customer_id);
    body.put_items("line_items", wish.items).put_text("currency", wish.currency);
    body.put_text("success_url", wish.success_url).put_text("cancel_url", wish.cancel_url);
    body.put_text("client_reference_id", wish.client_reference_id).put_text("locale", wish.locale);
    body.put("expires_at", wish.expires_at);
    body.put_text("payment_method_collection", wish.collects_card_only_if_due ? "if_required" : "always");
    if (wish.allows_promotion_codes) body.put("allow_promotion_codes", Json(true));
    if (wish.has_automatic_tax) {
        body.put_object("automatic_tax", Parameters().put("enabled", Json(true)));
        // Tax needs an address; what the customer types there is kept on the customer.
        body.put_object("customer_update", Parameters().put_text("address", "auto").put_text("name", "auto"));
        body.put_object("tax_id_collection", Parameters().put("enabled", Json(true)));
    }
    body.put("metadata", wish.metadata).put_object("subscription_data", subscription_data(wish));
    return parse_answer(client.post({"/v1/checkout/sessions", {}}, body.object(), key), parse_checkout_session);
}

Result<CheckoutSession> create_setup_session(Client const& client, NewSetupSession const& wish) {
    Parameters body;
    body.put_text("mode", "setup").put_text("customer", wish.customer_id).put_text("currency", wish.currency);
    body.put_text("success_url", wish.success_url).put_text("cancel_url", wish.cancel_url);
    body.put("metadata", wish.metadata);
    return parse_answer(client.post_repeatable({"/v1/checkout/sessions", {}}, body.object()), parse_checkout_session);
}

Result<std::string> retrieve_payment_method_set_up(Client const& client, std::string const& setup_intent_id) {
    return parse_answer(client.get({"/v1/setup_intents/{id}", {setup_intent_id}}), [](Json const& tree) {
        return Result<std::string>(string_or(tree, "status") == "succeeded" ? id_at(tree, "payment_method") : "");
    });
}

Result<CheckoutSession> retrieve_checkout_session(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/checkout/sessions/{id}", {id}}), parse_checkout_session);
}

Result<CheckoutSession> expire_checkout_session(Client const& client, std::string const& id,
                                                IdempotencyKey const& key) {
    return parse_answer(client.post({"/v1/checkout/sessions/{id}/expire", {id}}, {}, key), parse_checkout_session);
}

Status for_each_checkout_session(Client const& client, std::string const& customer_id,
                                 std::function<Result<Client::Walk>(CheckoutSession const&)> const& visit) {
    Parameters query;
    query.put_text("customer", customer_id);
    return visit_all(client, {"/v1/checkout/sessions", {}}, query.object(), parse_checkout_session, visit);
}

Result<PortalSession> create_portal_session(Client const& client, NewPortalSession const& wish) {
    Parameters body;
    body.put_text("customer", wish.customer_id).put_text("return_url", wish.return_url);
    body.put_text("configuration", wish.configuration_id).put_text("locale", wish.locale);
    body.put_object("flow_data", flow_data(wish));
    return parse_answer(client.post_repeatable({"/v1/billing_portal/sessions", {}}, body.object()),
                        parse_portal_session);
}

Result<PortalConfiguration> create_portal_configuration(Client const& client, JsonObject const& features,
                                                        Metadata const& metadata, IdempotencyKey const& key) {
    Parameters body;
    body.put("features", Json(features)).put("metadata", metadata);
    return parse_answer(client.post({"/v1/billing_portal/configurations", {}}, body.object(), key),
                        parse_portal_configuration);
}

Result<PortalConfiguration> update_portal_configuration(Client const& client, std::string const& id,
                                                        JsonObject const& features, IdempotencyKey const& key) {
    return parse_answer(client.post({"/v1/billing_portal/configurations/{id}", {id}}, {{"features", features}}, key),
                        parse_portal_configuration);
}

Status for_each_portal_configuration(Client const& client,
                                     std::function<Result<Client::Walk>(PortalConfiguration const&)> const& visit) {
    return visit_all(client, {"/v1/billing_portal/configurations", {}}, {}, parse_portal_configuration, visit);
}

}  // namespace billhook::stripe
