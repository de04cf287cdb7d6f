#pragma once
// Making draft invoices: their lines, what waits as invoice items, discounts and totals. What happens to them from
// finalization on is in invoice_lifecycle.h.

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/billing/items.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct NewLine {
    std::int64_t amount = 0;  // before discounts
    Span span;
    std::string description;
    std::string price = {}, product = {};
    Json unit_amount_decimal = nullptr;  // null on prorations
    std::int64_t quantity = 1;
    std::string subscription = {}, subscription_item = {};
    bool is_proration = false;
    std::string invoice_item = {};  // which became this line
    Json credited_items = nullptr;  // of a credit: {invoice, invoice_line_items}
    bool is_discountable = true;
    JsonArray discounts = {};  // of the line itself; those of the invoice come on top
    JsonObject metadata = {};
    JsonArray tax_rates = {};                       // instead of the invoice's
    JsonArray discount_amounts = {};                // of a proration, which no discount is taken off any more
    std::optional<std::int64_t> usage_before = {};  // of a metered line: what was billed of the same time already
};

enum class PendingItems { none, of_subscription, of_customer, listed };

struct NewInvoice {
    std::string customer;
    std::string subscription = {};
    std::string currency;
    std::string_view reason = "manual";
    Span period = {};
    std::vector<NewLine> lines = {};
    JsonArray discounts = {};
    PendingItems pending = PendingItems::none;
    std::vector<std::string> pending_items = {};  // where `listed`
    bool auto_advance = true;
    std::optional<Seconds> created = {};  // else now
};

struct DraftedInvoice {
    std::string id;
    std::vector<std::string> line_ids;  // of `lines`, in their order
};

/// Creates the draft with its totals and sends invoice.created.
DraftedInvoice draft_invoice(Call& call, NewInvoice const& wanted);

/// Adds a line to a draft; the totals are to be made up afterwards.
std::string add_line(Call& call, std::string const& invoice, NewLine const& line);
/// Turns a pending invoice item into a line of a draft.
std::string add_pending_item(Call& call, std::string const& invoice, std::string const& invoice_item);
/// Discounts and totals from the lines, and what would be due with the customer's present balance.
void total_up(Call& call, std::string const& invoice);

std::string subscription_of(JsonObject const& invoice);
/// The invoice item that became this line, a proration or one that a merchant added; empty where there was none.
std::string invoice_item_of(JsonObject const& line);
/// The ids of the invoice's lines, oldest first.
std::vector<std::string> line_ids(Call& call, std::string_view invoice);

}  // namespace billhook::sandbox
