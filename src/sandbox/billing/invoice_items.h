#pragma once
// Invoice items: what waits to be invoiced. Prorations are always born as such; merchants add their own.

#include <string>
#include <vector>

#include "sandbox/billing/change_plan.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Makes the credit and debit lines of a plan into pending invoice items and sends invoiceitem.created for each.
/// Answers their ids, in the order of the lines; other kinds of line are passed over with an empty id.
std::vector<std::string> create_proration_items(Call& call, std::string const& subscription,
                                                std::vector<PlannedLine> const& lines);

/// A pending item from the parameters of POST /v1/invoiceitems.
Answer<std::string> create_invoice_item(Call& call, JsonObject const& params, std::string const& where = {});
/// One of `add_invoice_items`: {price | price_data, quantity, discounts, metadata, period}.
Answer<std::string> create_item_beside(Call& call, std::string const& subscription, JsonObject const& given,
                                       std::string const& where);

/// Deletes the prorations of a subscription that still wait.
void drop_pending_prorations(Call& call, std::string const& subscription);

/// The operations on invoice items.
void add_invoice_items(World& world);

}  // namespace billhook::sandbox
