#pragma once
// The billing resources, one function each to put them into a world.

namespace billhook::sandbox {

struct World;

void add_subscriptions(World& world);
void add_subscription_items(World& world);
void add_invoices(World& world);
void add_invoice_payments(World& world);
void add_credit_notes(World& world);
void add_subscription_schedules(World& world);

/// All of them, with what is due on them.
void add_billing(World& world);

}  // namespace billhook::sandbox
