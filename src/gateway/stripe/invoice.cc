#include "gateway/stripe/invoice.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

void read_amounts(Json const& tree, Invoice& invoice) {
    invoice.subtotal = int_or(tree, "subtotal");
    invoice.discount_total = sum_at(tree, "total_discount_amounts", "amount");
    invoice.total = int_or(tree, "total");
    invoice.amount_due = int_or(tree, "amount_due");
    invoice.amount_paid = int_or(tree, "amount_paid");
    invoice.amount_remaining = int_or(tree, "amount_remaining");
    invoice.starting_balance = int_or(tree, "starting_balance");
    invoice.ending_balance = find_int(tree, "ending_balance");
    if (elements_at(tree, "total_taxes"))
        invoice.tax_total = sum_at(tree, "total_taxes", "amount");
    else if (elements_at(tree, "total_tax_amounts"))
        invoice.tax_total = sum_at(tree, "total_tax_amounts", "amount");
    else
        invoice.tax_total = int_or(tree, "tax");
}

void read_times(Json const& tree, Invoice& invoice) {
    invoice.created = time_or_zero(tree, "created");
    invoice.period = period_at(tree, "period_start", "period_end").value_or(Period{});
    invoice.next_payment_attempt = time_at(tree, "next_payment_attempt");
    invoice.due_date = time_at(tree, "due_date");
    invoice.finalized_at = time_at(tree, "status_transitions.finalized_at");
    invoice.paid_at = time_at(tree, "status_transitions.paid_at");
    invoice.voided_at = time_at(tree, "status_transitions.voided_at");
    invoice.marked_uncollectible_at = time_at(tree, "status_transitions.marked_uncollectible_at");
    invoice.proration_date = time_at(tree, "parent.subscription_details.subscription_proration_date");
    if (!invoice.proration_date) invoice.proration_date = time_at(tree, "subscription_proration_date");
}

void read_subscription(Json const& tree, Invoice& invoice) {
    invoice.subscription_id = id_at(tree, {"parent.subscription_details.subscription", "subscription"});
    invoice.subscription_metadata = metadata_at(tree, "parent.subscription_details.metadata");
    if (invoice.subscription_metadata.empty())
        invoice.subscription_metadata = metadata_at(tree, "subscription_details.metadata");
}

// Before 2025-03-31.basil an invoice had at most one payment, named by its intent or, without one, by its charge.
std::optional<InvoicePayment> find_older_payment(Json const& tree) {
    InvoicePayment payment;
    payment.payment_intent_id = id_at(tree, "payment_intent");
    payment.charge_id = id_at(tree, "charge");
    if (payment.payment_intent_id.empty() && payment.charge_id.empty()) return std::nullopt;
    auto const is_paid = bool_or(tree, "paid") && !bool_or(tree, "paid_out_of_band");
    payment.status = is_paid ? "paid" : "open";
    payment.is_default = true;
    payment.amount_requested = int_or(tree, "amount_due");
    if (is_paid) payment.amount_paid = int_or(tree, "amount_paid");
    if (auto const* intent = object_at(tree, "payment_intent"))
        if (auto parsed = parse_payment_intent(*intent)) payment.payment_intent = std::move(*parsed);
    return payment;
}

void read_payments(Json const& tree, Invoice& invoice) {
    if (auto const* payments = elements_at(tree, "payments")) {
        for (auto const& payment : *payments) invoice.payments.push_back(parse_invoice_payment(payment));
    } else if (auto payment = find_older_payment(tree)) {
        invoice.payments.push_back(std::move(*payment));
    }
    invoice.client_secret = first_string(tree, {"confirmation_secret.client_secret", "payment_intent.client_secret"});
}

}  // namespace

Result<Invoice> parse_invoice(Json const& tree) {
    if (!tree.is_object()) return fail(not_understood("Stripe sent no object where an invoice belongs."));
    Invoice invoice;
    invoice.id = string_or(tree, "id");
    invoice.number = string_or(tree, "number");
    invoice.status = string_or(tree, "status");
    invoice.customer_id = id_at(tree, "customer");
    invoice.currency = string_or(tree, "currency");
    invoice.billing_reason = string_or(tree, "billing_reason");
    invoice.collection_method = first_string(tree, {"collection_method", "billing"});
    invoice.was_attempted = bool_or(tree, "attempted");
    invoice.attempt_count = int_or(tree, "attempt_count");
    invoice.hosted_invoice_url = string_or(tree, "hosted_invoice_url");
    invoice.invoice_pdf = string_or(tree, "invoice_pdf");
    invoice.metadata = metadata_at(tree);
    invoice.is_deleted = bool_or(tree, "deleted");
    read_subscription(tree, invoice);
    read_amounts(tree, invoice);
    read_times(tree, invoice);
    read_payments(tree, invoice);
    if (auto const* lines = elements_at(tree, "lines"))
        for (auto const& line : *lines) invoice.lines.push_back(parse_invoice_line(line));
    invoice.has_more_lines = has_more_at(tree, "lines");
    return invoice;
}

InvoicePayment const* Invoice::find_payment() const {
    for (auto const& payment : payments)
        if (payment.is_default) return &payment;
    return payments.empty() ? nullptr : &payments.front();
}

bool Invoice::needs_action() const {
    auto const* payment = find_payment();
    return payment && payment->payment_intent && payment->payment_intent->needs_action();
}

}  // namespace billhook::stripe
