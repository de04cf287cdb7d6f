#include "sandbox/resource/resources.h"

#include "sandbox/billing/billing_resources.h"
#include "sandbox/checkout/checkout_session.h"
#include "sandbox/page/front_page.h"
#include "sandbox/payment/payment_resources.h"
#include "sandbox/portal/portal_resources.h"

namespace billhook::sandbox {

void add_resources(World& world) {
    add_customers(world);
    add_products(world);
    add_prices(world);
    add_account(world);
    add_customer_balances(world);
    add_tax_ids(world);
    add_coupons(world);
    add_promotion_codes(world);
    add_tax_rates(world);
    add_entitlement_features(world);
    add_portal_configurations(world);
    add_meters(world);
    add_meter_events(world);
    add_meter_errors(world);
    add_meter_events_v2(world);
    add_thin_events(world);
    add_event_destinations(world);
    add_events(world);
    add_webhook_endpoints(world);
    add_test_clocks(world);
    add_payment(world);
    add_billing(world);
    add_checkout_sessions(world);
    add_checkout_page(world);
    add_payment_pages(world);
    add_portal_sessions(world);
    add_portal_page(world);
    add_invoice_page(world);
    add_front_page(world);
}

}  // namespace billhook::sandbox
