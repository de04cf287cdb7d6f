#pragma once
// Calls about Checkout Sessions and the customer portal.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/stripe/client.h"
#include "gateway/stripe/session.h"
#include "gateway/stripe/subscription_calls.h"

namespace billhook::stripe {

/// A hosted page that subscribes a customer. Its subscription is made when the page is completed.
struct NewCheckoutSession {
    std::string customer_id;
    std::vector<ItemWish> items;  // metered ones without quantity
    std::string currency;         // where the price has several
    std::string success_url;      // may contain {CHECKOUT_SESSION_ID}
    std::string cancel_url;
    std::string client_reference_id;
    int trial_days = 0;
    bool collects_card_only_if_due = false;  // a trial without a card
    MissingPaymentMethod trial_without_payment_method = MissingPaymentMethod::cancel;
    std::optional<Timestamp> expires_at;  // 30 minutes to 24 hours ahead
    bool allows_promotion_codes = false;
    bool has_automatic_tax = false;
    std::string locale;
    Metadata metadata;               // of the session
    Metadata subscription_metadata;  // of the subscription; Stripe does not copy the session's
};

Result<CheckoutSession> create_checkout_session(Client const& client, NewCheckoutSession const& wish,
                                                IdempotencyKey const& key);
/// A hosted page that keeps a payment method for later. Stripe attaches it; making it the default is left to the
/// caller.
struct NewSetupSession {
    std::string customer_id;
    std::string currency;
    std::string success_url;
    std::string cancel_url;
    Metadata metadata;
};
Result<CheckoutSession> create_setup_session(Client const& client, NewSetupSession const& wish);
/// The payment method that a setup has kept; empty while it has not succeeded.
Result<std::string> retrieve_payment_method_set_up(Client const& client, std::string const& setup_intent_id);

Result<CheckoutSession> retrieve_checkout_session(Client const& client, std::string const& id);
/// Only while it is open; else `invalid`: read it again to learn how it ended.
Result<CheckoutSession> expire_checkout_session(Client const& client, std::string const& id, IdempotencyKey const& key);
Status for_each_checkout_session(Client const& client, std::string const& customer_id,
                                 std::function<Result<Client::Walk>(CheckoutSession const&)> const& visit);

struct NewPortalSession {
    std::string customer_id;
    std::string return_url;
    std::string configuration_id;  // empty: the account's default
    std::string flow;              // empty: the home page; payment_method_update, subscription_cancel, …
    std::string subscription_id;   // where the flow is about one
    std::string locale;
};
Result<PortalSession> create_portal_session(Client const& client, NewPortalSession const& wish);

/// `features` as Stripe's parameters have them.
Result<PortalConfiguration> create_portal_configuration(Client const& client, JsonObject const& features,
                                                        Metadata const& metadata, IdempotencyKey const& key);
Result<PortalConfiguration> update_portal_configuration(Client const& client, std::string const& id,
                                                        JsonObject const& features, IdempotencyKey const& key);
Status for_each_portal_configuration(Client const& client,
                                     std::function<Result<Client::Walk>(PortalConfiguration const&)> const& visit);

}  // namespace billhook::stripe
