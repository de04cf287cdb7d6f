#pragma once
// The lines of invoices: how they are shown, and the operations that edit those of drafts.

namespace billhook::sandbox {

struct World;

void add_invoice_lines(World& world);

}  // namespace billhook::sandbox
