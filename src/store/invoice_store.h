#pragma once
// Invoices as Stripe last told them.

#include <optional>
#include <string_view>
#include <vector>

#include "domain/invoice/invoice.h"
#include "store/cursor.h"
#include "store/store.h"

namespace billhook::store {

/// Inserts or replaces by (customer, stripe_invoice_id).
Status save_invoice(Writer& writer, invoice::Invoice const& invoice);
Result<std::optional<invoice::Invoice>> find_invoice(Reader& reader, CustomerId const& customer,
                                                     std::string_view stripe_invoice_id);
/// Newest first; the cursor is (created_at, stripe_invoice_id).
Result<std::vector<invoice::Invoice>> list_invoices(Reader& reader, CustomerId const& customer,
                                                    std::optional<Cursor> const& after, int limit);

}  // namespace billhook::store
