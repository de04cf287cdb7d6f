#pragma once
// The due date of an invoice that was sent: the notice before it, and what follows when it passes unpaid.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// For a finalized invoice with a due date.
void plan_due_date(Call& call, std::string const& invoice);
void add_due_dates(World& world);

}  // namespace billhook::sandbox
