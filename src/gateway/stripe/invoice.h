#pragma once
// Invoice as Stripe describes it, in the shapes of every API version from before 2024-09-30.acacia to
// 2026-10-28.endive. A preview has the same shape and no lasting id.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/period.h"
#include "gateway/stripe/metadata.h"
#include "gateway/stripe/payment.h"
#include "gateway/stripe/product.h"

namespace billhook::stripe {

struct InvoiceLine {
    std::string id;
    std::int64_t amount = 0;  // before discounts and exclusive taxes; negative is a credit
    std::string currency;
    std::string description;
    std::optional<std::int64_t> quantity;
    Period period;
    std::string price_id;
    std::string product_id;
    std::string unit_amount_decimal;  // minor units as text; empty for prorations of newer versions
    bool is_proration = false;
    std::string subscription_id;
    std::string subscription_item_id;
    std::string invoice_item_id;
    std::int64_t discount_total = 0;
    std::int64_t exclusive_tax_total = 0;
    bool operator==(InvoiceLine const&) const = default;
};

/// One payment of an invoice. Older versions know one per invoice, newer ones a list that is absent unless expanded.
struct InvoicePayment {
    std::string id;      // empty in older versions
    std::string status;  // open, paid, canceled
    bool is_default = false;
    std::optional<std::int64_t> amount_paid;
    std::int64_t amount_requested = 0;
    std::string payment_intent_id;
    std::optional<PaymentIntent> payment_intent;  // where it was expanded
    std::string charge_id;
    bool operator==(InvoicePayment const&) const = default;
};

struct Invoice {
    std::string id;      // empty for an upcoming invoice
    std::string number;  // empty while draft
    std::string status;  // draft, open, paid, uncollectible, void
    std::string customer_id;
    std::string subscription_id;     // empty where it stems from none
    Metadata subscription_metadata;  // as it was when the invoice was made
    std::string currency;
    std::string billing_reason;     // subscription_create, subscription_cycle, subscription_update, …
    std::string collection_method;  // charge_automatically, send_invoice

    std::int64_t subtotal = 0;
    std::int64_t discount_total = 0;
    std::int64_t tax_total = 0;
    std::int64_t total = 0;
    std::int64_t amount_due = 0;
    std::int64_t amount_paid = 0;
    std::int64_t amount_remaining = 0;
    std::int64_t starting_balance = 0;
    std::optional<std::int64_t> ending_balance;

    bool was_attempted = false;
    std::int64_t attempt_count = 0;
    std::optional<Timestamp> next_payment_attempt;
    std::optional<Timestamp> due_date;
    Period period;
    std::optional<Timestamp> proration_date;  // of a preview: send it with the change
    std::optional<Timestamp> finalized_at;
    std::optional<Timestamp> paid_at;
    std::optional<Timestamp> voided_at;
    std::optional<Timestamp> marked_uncollectible_at;
    Timestamp created;

    std::string hosted_invoice_url;
    std::string invoice_pdf;
    std::string client_secret;  // of the confirmation; never stored, never logged; empty unless expanded
    std::vector<InvoicePayment> payments;
    std::vector<InvoiceLine> lines;
    bool has_more_lines = false;  // the object carries only the first page
    Metadata metadata;
    bool is_deleted = false;

    bool operator==(Invoice const&) const = default;

    /// The default payment, else the newest; null where none is known.
    InvoicePayment const* find_payment() const;
    /// Whether the payer must authenticate; known only where the payment intent was expanded.
    bool needs_action() const;
};

using InvoicePreview = Invoice;

/// Also understands upcoming invoices, which have no id.
Result<Invoice> parse_invoice(Json const& tree);
InvoiceLine parse_invoice_line(Json const& tree);
InvoicePayment parse_invoice_payment(Json const& tree);

}  // namespace billhook::stripe
