#pragma once
// Invoices of a subscription: drafting them with its lines, discounts and what waits, and remembering the latest.

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/items.h"

namespace billhook::sandbox {

struct SubscriptionInvoice {
    std::string subscription;
    std::string_view reason;
    std::vector<NewLine> lines = {};
    bool takes_all_pending = true;  // of the customer; else only the listed
    std::vector<std::string> pending_items = {};
    std::optional<Span> period = {};  // else this moment
    std::optional<Seconds> proration_date = {};
    std::optional<Seconds> at = {};           // else now; a preview looks ahead
    std::optional<JsonArray> discounts = {};  // else the subscription's
    bool auto_advance = true;
};

/// The draft becomes the subscription's latest invoice, and discounts that hold once are used up by it.
DraftedInvoice draft_subscription_invoice(Call& call, SubscriptionInvoice const& wanted);

/// Takes those discounts off the subscription that hold once and have lowered this invoice.
void use_up_once(Call& call, std::string const& subscription, std::string const& invoice);

/// The line of an item for a period, of this amount before discounts.
NewLine item_line(Call& call, std::string const& subscription, BilledItem const& item, Span span, std::int64_t amount);
/// The line over nothing that stands for a trial.
NewLine trial_line(Call& call, std::string const& subscription, BilledItem const& item, Span span);

/// What an invoice line has debited, net of its discounts.
Debit debit_of_line(Call& call, std::string const& line);

}  // namespace billhook::sandbox
