#pragma once
// Each function adds one resource to the sandbox: its indexes, providers, operations and due work. sandbox.cc calls
// them all, in this order; a new resource is a new file here and a line below.

namespace billhook::sandbox {

struct World;

void add_customers(World& world);
void add_products(World& world);
void add_prices(World& world);
void add_account(World& world);
void add_customer_balances(World& world);
void add_tax_ids(World& world);
void add_coupons(World& world);
void add_promotion_codes(World& world);
void add_tax_rates(World& world);
void add_entitlement_features(World& world);
void add_portal_configurations(World& world);
void add_meters(World& world);
void add_meter_events(World& world);
void add_meter_errors(World& world);
void add_meter_events_v2(World& world);
void add_thin_events(World& world);
void add_event_destinations(World& world);
void add_events(World& world);
void add_webhook_endpoints(World& world);
void add_test_clocks(World& world);

void add_resources(World& world);

}  // namespace billhook::sandbox
