#pragma once
// An invoice's life after the draft: finalized and closed. What is owed on it is collected by invoice_collection.h; the
// subscription behind it hears of each step through subscription_status.h.

#include <string>
#include <string_view>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Gives a draft its number and settles it against the customer balance. What owes nothing is paid at once.
void finalize_invoice(Call& call, std::string const& invoice);

void void_invoice(Call& call, std::string const& invoice);
void mark_uncollectible(Call& call, std::string const& invoice, std::string_view reason);
/// Ends automatic collection of a subscription's drafts and open invoices.
void stop_collection(Call& call, std::string const& subscription);

/// Finalizes a draft when its hour is over.
void schedule_finalization(Call& call, std::string const& invoice);
/// Whether any draft waits for its endpoints.
bool has_waiting_drafts(World& world);
/// Every endpoint has acknowledged the draft's invoice.created: its hour begins.
void invoice_was_announced(Call& call, std::string const& invoice);
/// What is due on invoices: finalization and due dates; and their collection.
void add_invoice_lifecycle(World& world);

}  // namespace billhook::sandbox
