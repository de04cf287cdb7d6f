#pragma once
// The pages that Stripe hosts for those who pay: the customer portal and the invoice page.

namespace billhook::sandbox {

struct World;

void add_portal_sessions(World& world);
void add_portal_page(World& world);
void add_invoice_page(World& world);

}  // namespace billhook::sandbox
