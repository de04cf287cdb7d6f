#pragma once
// Each function adds one resource to the sandbox: its indexes, providers, operations and due work. sandbox.cc calls
// them all, in this order; a new resource is a new file here and a line below.

namespace billhook::sandbox {

struct World;

void add_customers(World& world);
void add_products(World& world);
void add_prices(World& world);
void add_events(World& world);
void add_webhook_endpoints(World& world);
void add_test_clocks(World& world);

void add_resources(World& world);

}  // namespace billhook::sandbox
