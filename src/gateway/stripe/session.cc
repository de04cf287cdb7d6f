#include "gateway/stripe/session.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {

Result<CheckoutSession> parse_checkout_session(Json const& tree) {
    CheckoutSession session;
    session.id = TRY(require_id(tree, "checkout session"));
    session.mode = string_or(tree, "mode");
    session.status = string_or(tree, "status");
    session.payment_status = string_or(tree, "payment_status");
    session.customer_id = id_at(tree, "customer");
    session.subscription_id = id_at(tree, "subscription");
    session.setup_intent_id = id_at(tree, "setup_intent");
    session.invoice_id = id_at(tree, "invoice");
    session.client_reference_id = string_or(tree, "client_reference_id");
    session.currency = string_or(tree, "currency");
    session.amount_total = find_int(tree, "amount_total");
    session.url = string_or(tree, "url");
    session.expires_at = time_or_zero(tree, "expires_at");
    session.metadata = metadata_at(tree);
    session.created = time_or_zero(tree, "created");
    return session;
}

Result<PortalSession> parse_portal_session(Json const& tree) {
    PortalSession session;
    session.id = TRY(require_id(tree, "portal session"));
    session.customer_id = id_at(tree, "customer");
    session.configuration_id = id_at(tree, "configuration");
    session.url = string_or(tree, "url");
    session.return_url = string_or(tree, "return_url");
    session.created = time_or_zero(tree, "created");
    return session;
}

Result<PortalConfiguration> parse_portal_configuration(Json const& tree) {
    PortalConfiguration configuration;
    configuration.id = TRY(require_id(tree, "portal configuration"));
    configuration.is_active = bool_or(tree, "active");
    configuration.is_default = bool_or(tree, "is_default");
    if (auto const* features = object_at(tree, "features")) configuration.features = features->get_object();
    configuration.metadata = metadata_at(tree);
    configuration.created = time_or_zero(tree, "created");
    return configuration;
}

}  // namespace billhook::stripe
