#include "gateway/stripe/invoice_calls.h"

#include "gateway/stripe/answer.h"
#include "gateway/stripe/parameters.h"
#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

// An invoice carries its first ten lines; the rest is fetched.
Result<Invoice> complete(Client const& client, Invoice invoice) {
    if (!invoice.has_more_lines || invoice.id.empty()) return invoice;
    auto const parse_line = [](Json const& tree) -> Result<InvoiceLine> { return parse_invoice_line(tree); };
    invoice.lines = TRY(collect_all(client, {"/v1/invoices/{id}/lines", {invoice.id}}, {}, parse_line));
    invoice.has_more_lines = false;
    return invoice;
}

void expand_payments(Parameters& parameters) {
    parameters.expand({"payments.data.payment.payment_intent", "confirmation_secret"});
}

Parameters subscription_details(PreviewWish const& wish) {
    Parameters details;
    details.put_items("items", wish.items);
    if (wish.proration_behavior) details.put_text("proration_behavior", to_string(*wish.proration_behavior));
    details.put("proration_date", wish.proration_date);
    details.put("cancel_at_period_end", wish.cancel_at_period_end);
    if (wish.cancels_now) details.put("cancel_now", Json(true));
    details.put("trial_end", wish.trial_end);
    // What does not exist yet would be previewed in classic mode.
    if (wish.subscription_id.empty() && wish.schedule_id.empty())
        details.put_object("billing_mode", Parameters().put_text("type", "flexible"));
    return details;
}

}  // namespace

Result<InvoicePreview> create_preview(Client const& client, PreviewWish const& wish) {
    Parameters body;
    body.put_text("customer", wish.customer_id).put_text("subscription", wish.subscription_id);
    body.put_text("schedule", wish.schedule_id).put_text("currency", wish.currency);
    if (wish.is_recurring) body.put_text("preview_mode", "recurring");
    body.put_object("subscription_details", subscription_details(wish));
    auto const answer = client.post_repeatable({"/v1/invoices/create_preview", {}}, body.object());
    return complete(client, TRY(parse_answer(answer, parse_invoice)));
}

Result<Invoice> retrieve_invoice(Client const& client, std::string const& id) {
    Parameters query;
    expand_payments(query);
    auto const answer = client.get({"/v1/invoices/{id}", {id}}, query.object());
    return complete(client, TRY(parse_answer(answer, parse_invoice)));
}

Status for_each_invoice(Client const& client, InvoiceQuery const& query,
                        std::function<Result<Client::Walk>(Invoice const&)> const& visit) {
    Parameters parameters;
    parameters.put_text("customer", query.customer_id).put_text("subscription", query.subscription_id);
    parameters.put_text("status", query.status);
    parameters.put_object("created", Parameters().put("gte", query.created_since));
    parameters.expand({"data.payments"});
    return visit_all(
        client, {"/v1/invoices", {}}, parameters.object(), parse_invoice,
        [&](Invoice const& invoice) -> Result<Client::Walk> { return visit(TRY(complete(client, invoice))); });
}

Result<Invoice> pay_invoice(Client const& client, std::string const& id, std::string const& payment_method_id,
                            IdempotencyKey const& key) {
    Parameters body;
    body.put_text("payment_method", payment_method_id);
    expand_payments(body);
    return parse_answer(client.post({"/v1/invoices/{id}/pay", {id}}, body.object(), key), parse_invoice);
}

Result<Invoice> void_invoice(Client const& client, std::string const& id, IdempotencyKey const& key) {
    return parse_answer(client.post({"/v1/invoices/{id}/void", {id}}, {}, key), parse_invoice);
}

Result<PaymentIntent> retrieve_payment_intent(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/payment_intents/{id}", {id}}), parse_payment_intent);
}

Result<Charge> retrieve_charge(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/charges/{id}", {id}}), parse_charge);
}

Result<Refund> create_refund(Client const& client, NewRefund const& wish, IdempotencyKey const& key) {
    Parameters body;
    body.put_text("payment_intent", wish.payment_intent_id).put_text("charge", wish.charge_id);
    body.put("amount", wish.amount).put_text("reason", wish.reason).put("metadata", wish.metadata);
    return parse_answer(client.post({"/v1/refunds", {}}, body.object(), key), parse_refund);
}

Status for_each_refund(Client const& client, std::string const& payment_intent_id, std::string const& charge_id,
                       std::function<Result<Client::Walk>(Refund const&)> const& visit) {
    Parameters query;
    query.put_text("payment_intent", payment_intent_id);
    if (payment_intent_id.empty()) query.put_text("charge", charge_id);
    return visit_all(client, {"/v1/refunds", {}}, query.object(), parse_refund, visit);
}

}  // namespace billhook::stripe
