// The one route table. `./dev check` compares it with api/openapi.yaml.

#include <array>

#include "http/route.h"
#include "http/routes/customer.h"
#include "http/routes/entitlement.h"
#include "http/routes/front_page.h"
#include "http/routes/literal.h"
#include "http/routes/operator.h"
#include "http/routes/pricing.h"
#include "http/routes/purchase.h"
#include "http/routes/subscription.h"
#include "http/routes/system.h"
#include "http/routes/webhook.h"
#include "http/without_fields.h"

namespace billhook::http {

namespace {

// clang-format off
constexpr auto table = std::to_array<Route>({
    {"GET", "/", Access::anonymous, get_front_page},
    {"GET", "/livez", Access::probe, without_fields<get_livez>, at_once<without_fields<get_livez>>},
    {"GET", "/readyz", Access::probe, without_fields<get_readyz>, at_once<without_fields<get_readyz>>},
    {"GET", "/metrics", Access::probe, without_fields<get_metrics>, at_once<without_fields<get_metrics>>},
    {"GET", "/openapi.yaml", Access::anonymous, without_fields<get_openapi>},
    {"GET", "/problems/{code}", Access::anonymous, without_fields<get_problem>},
    {"POST", "/api/v1/webhooks/stripe", Access::signed_event, receive_stripe_event, nullptr, submit_stripe_event},
    {"GET", "/api/v1/public/pricing", Access::anonymous, get_public_pricing},

    {"GET", "/api/v1/customers", Access::application_read, list_customers},
    {"PUT", "/api/v1/customers/{id}", Access::application_write, put_customer},
    {"GET", "/api/v1/customers/{id}", Access::application_read, without_fields<get_customer>},
    {"POST", "/api/v1/customers/{id}/refresh", Access::application_write, without_fields<refresh_customer>},
    {"GET", "/api/v1/customer", Access::customer_read, without_fields<get_own_customer>},

    {"GET", "/api/v1/subscriptions", Access::customer_read, without_fields<list_subscriptions>},
    {"POST", "/api/v1/subscriptions", Access::customer_write, start_trial},
    {"GET", "/api/v1/subscriptions/{line}", Access::customer_read, without_fields<get_subscription>},
    {"GET", "/api/v1/subscriptions/{line}/history", Access::customer_read, list_history},
    {"POST", "/api/v1/subscriptions/{line}/preview", Access::customer_read, preview_change},
    {"POST", "/api/v1/subscriptions/{line}/change", Access::customer_write, change_subscription},
    {"DELETE", "/api/v1/subscriptions/{line}/scheduled-change", Access::customer_write, without_fields<withdraw_scheduled_change>},
    {"POST", "/api/v1/subscriptions/{line}/cancel", Access::customer_write, cancel_subscription},
    {"POST", "/api/v1/subscriptions/{line}/resume", Access::customer_write, without_fields<resume_subscription>},
    {"POST", "/api/v1/checkout", Access::customer_write, create_checkout},
    {"POST", "/api/v1/setup-payment", Access::customer_write, set_up_payment},
    {"POST", "/api/v1/portal", Access::customer_write, open_portal},
    {"GET", "/api/v1/intents/{id}", Access::customer_read, without_fields<get_intent>},
    {"GET", "/api/v1/invoices", Access::customer_billing, list_invoices},

    {"GET", "/api/v1/entitlements", Access::customer_read, without_fields<list_entitlements>, list_entitlements_from_memory},
    {"GET", "/api/v1/entitlements/{feature}", Access::check, get_entitlement, get_entitlement_from_memory},
    {"POST", "/api/v1/check", Access::check, check_entitlement, check_entitlement_from_memory},
    {"GET", "/api/v1/gauges/{feature}", Access::customer_read, without_fields<get_gauge>},
    {"PUT", "/api/v1/gauges/{feature}", Access::usage_write, put_gauge},
    {"POST", "/api/v1/gauges/{feature}/allocate", Access::usage_write, allocate_gauge},
    {"POST", "/api/v1/gauges/{feature}/release", Access::usage_write, release_gauge},

    {"GET", "/api/v1/keys", Access::operator_read, without_fields<list_keys>},
    {"POST", "/api/v1/keys", Access::operator_write, create_key},
    {"DELETE", "/api/v1/keys/{id}", Access::operator_write, without_fields<revoke_key>},
    {"GET", "/api/v1/events", Access::operator_read, list_events},
    {"GET", "/api/v1/events/{id}", Access::operator_read, without_fields<get_event>},
    {"POST", "/api/v1/events/{id}/replay", Access::operator_write, without_fields<replay_event>},

    // S0: plan changes.
    {"GET", "/api/subscription/check-upgrade", Access::customer_read, check_upgrade},
    {"POST", "/api/subscription/upgrade", Access::customer_write, upgrade_plan},
    {"POST", "/api/subscription/schedule-downgrade", Access::customer_write, schedule_downgrade},
    {"DELETE", "/api/subscription/schedule-downgrade", Access::customer_write, cancel_scheduled_downgrade},
    // S1 names the same receiver without a version.
    {"POST", "/webhooks/stripe", Access::signed_event, receive_stripe_event, nullptr, submit_stripe_event},
    // S3: tiers, and AI as a line of its own.
    {"POST", "/api/v1/tiers/purchase", Access::customer_write, purchase_tier},
    {"POST", "/api/v1/tiers/upgrade", Access::customer_write, upgrade_tier},
    {"GET", "/api/v1/tiers/current", Access::customer_read, without_fields<get_current_tier>},
    {"POST", "/api/v1/ai/subscribe", Access::customer_write, subscribe_ai},
    {"POST", "/api/v1/ai/cancel", Access::customer_write, without_fields<cancel_ai>},
    {"POST", "/api/v1/billing/portal", Access::customer_write, open_portal},
});
// clang-format on

}  // namespace

std::span<Route const> routes() {
    return table;
}

}  // namespace billhook::http
