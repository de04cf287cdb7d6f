#include "sandbox/billing/attached_payment.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

Answer<void> check_fit(Call& call, JsonObject const& invoice, JsonObject const& intent) {
    auto const refused = [](std::string const& why) { return refuse(bad_request(why, "payment_intent")); };
    for (auto const* name : {"customer", "currency"})
        if (text_at(intent, name) != text_at(invoice, name))
            return refused("The PaymentIntent's " + std::string(name) + " is not that of the invoice.");
    if (text_at(intent, "status") == "canceled") return refused("The PaymentIntent was canceled.");
    if (int_at(intent, "amount") > int_at(invoice, "amount_remaining"))
        return refused("The PaymentIntent's amount is greater than what remains to be paid.");
    if (!call.store().where(object_type::invoice_payment, "payment.payment_intent", text_at(intent, "id")).empty())
        return refused("The PaymentIntent is attached to an invoice already.");
    return {};
}

Answer<Json> attach(Call& call) {
    auto const& id = call.path_id();
    auto const& invoice = *TRY(call.need(object_type::invoice, id));
    call.use_clock_of(invoice);
    if (text_at(invoice, "status") != "open")
        return refuse(bad_request("Payments can be attached to open invoices only.", "", "invoice_not_payable"));
    auto const wanted = call.text("payment_intent");
    if (wanted.empty()) return refuse(missing_parameter("payment_intent"));
    auto const& intent = *TRY(call.need("payment_intent", wanted, "payment_intent"));
    TRY_VOID(check_fit(call, invoice, intent));
    auto const payment = call.new_id("inpay_");
    call.create(object_type::invoice_payment, {{"id", payment},
                                               {"amount_requested", intent.at("amount")},
                                               {"created", call.now()},
                                               {"currency", invoice.at("currency")},
                                               {"invoice", id},
                                               {"is_default", false},
                                               {"payment", {{"type", "payment_intent"}, {"payment_intent", wanted}}},
                                               {"status", "open"},
                                               {"status_transitions", JsonObject{}}});
    if (text_at(intent, "status") == "succeeded") credit_attached_payment(call, payment);
    return call.view(object_type::invoice, id);
}

}  // namespace

void credit_attached_payment(Call& call, std::string const& id) {
    auto& payment = call.edit(object_type::invoice_payment, id);
    auto const amount = int_at(payment, "amount_requested");
    payment["status"] = "paid";
    payment["amount_paid"] = amount;
    payment["status_transitions"].as_object()["paid_at"] = call.now();
    call.emit_now("invoice_payment.paid", object_type::invoice_payment, id);
    auto const invoice_id = text_at(payment, "invoice");
    auto const remaining = int_at(*call.find(object_type::invoice, invoice_id), "amount_remaining") - amount;
    if (remaining <= 0) return mark_paid_by_attached(call, invoice_id);
    auto const before = call.view(object_type::invoice, invoice_id);
    auto& invoice = call.edit(object_type::invoice, invoice_id);
    invoice["amount_paid"] = int_at(invoice, "amount_paid") + amount;
    invoice["amount_remaining"] = remaining;
    if (auto const intent = payment_intent_of(call, invoice_id); !intent.empty())
        call.edit("payment_intent", intent)["amount"] = remaining;
    call.emit_change("invoice.updated", object_type::invoice, invoice_id, before);
}

void add_attached_payments(World& world) {
    world.registry.on("POST /v1/invoices/{id}/attach_payment", attach);
}

}  // namespace billhook::sandbox
