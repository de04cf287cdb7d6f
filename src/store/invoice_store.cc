#include "store/invoice_store.h"

#include "store/columns.h"
#include "store/query/invoice.h"

namespace billhook::store {
namespace {

invoice::Invoice read_invoice(Row const& row) {
    Columns columns(row);
    invoice::Invoice invoice;
    invoice.customer = columns.id<CustomerId>();
    invoice.stripe_invoice_id = columns.text();
    invoice.subscription = columns.id<SubscriptionId>();
    invoice.number = columns.text();
    invoice.status = columns.word(invoice::parse_status);
    invoice.billing_reason = columns.text();
    invoice.currency = columns.text();
    invoice.amount_due = columns.integer();
    invoice.amount_paid = columns.integer();
    invoice.amount_remaining = columns.integer();
    invoice.subtotal = columns.integer();
    invoice.tax = columns.integer();
    invoice.total = columns.integer();
    invoice.period = columns.period();
    invoice.hosted_invoice_url = columns.text();
    invoice.invoice_pdf = columns.text();
    invoice.attempt_count = static_cast<int>(columns.integer());
    invoice.next_payment_attempt_at = columns.optional_time();
    invoice.due_at = columns.optional_time();
    invoice.finalized_at = columns.optional_time();
    invoice.paid_at = columns.optional_time();
    invoice.created_at = columns.time();
    invoice.observed_at = columns.time();
    return invoice;
}

}  // namespace

Status save_invoice(Writer& writer, invoice::Invoice const& invoice) {
    TRY(writer.execute(query::invoice::save, {invoice.customer,
                                              invoice.stripe_invoice_id,
                                              invoice.subscription,
                                              invoice.number,
                                              to_string(invoice.status),
                                              invoice.billing_reason,
                                              invoice.currency,
                                              invoice.amount_due,
                                              invoice.amount_paid,
                                              invoice.amount_remaining,
                                              invoice.subtotal,
                                              invoice.tax,
                                              invoice.total,
                                              invoice.period.start,
                                              invoice.period.end,
                                              invoice.hosted_invoice_url,
                                              invoice.invoice_pdf,
                                              invoice.attempt_count,
                                              invoice.next_payment_attempt_at,
                                              invoice.due_at,
                                              invoice.finalized_at,
                                              invoice.paid_at,
                                              invoice.created_at,
                                              invoice.observed_at}));
    return {};
}

Result<std::optional<invoice::Invoice>> find_invoice(Reader& reader, CustomerId const& customer,
                                                     std::string_view stripe_invoice_id) {
    return first_of(TRY(reader.query(query::invoice::find, {customer, stripe_invoice_id})), read_invoice);
}

Result<std::vector<invoice::Invoice>> list_invoices(Reader& reader, CustomerId const& customer,
                                                    std::optional<Cursor> const& after, int limit) {
    Cursor const cursor = after.value_or(newest);
    return all_of(TRY(reader.query(query::invoice::list, {customer, cursor.at, cursor.id, limit})), read_invoice);
}

}  // namespace billhook::store
