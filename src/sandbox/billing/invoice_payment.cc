// Invoice payments: which payment intent pays which invoice.

#include "sandbox/billing/billing_resources.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

Json payments_of(World& world, JsonObject const& invoice) {
    JsonArray data;
    auto const id = text_at(invoice, "id");
    for (auto const& [sequence, payment] : world.store.where(object_type::invoice_payment, "invoice", id))
        data.insert(data.begin(), world.views.render(object_type::invoice_payment, payment->object));
    return Views::list(std::move(data), "/v1/invoice_payments?invoice=" + id);
}

/// With which the payer's page confirms an invoice's payment; it stays readable when that is done.
Json confirmation_secret(World& world, JsonObject const& invoice) {
    if (text_at(invoice, "status") == "draft") return nullptr;
    Call call(world);
    auto const* intent = call.find("payment_intent", payment_intent_of(call, text_at(invoice, "id")));
    if (!intent) return nullptr;
    return JsonObject{{"client_secret", intent->at("client_secret")}, {"type", "payment_intent"}};
}

Answer<Json> list_invoice_payments(Call& call) {
    ListQuery query{.type = object_type::invoice_payment};
    if (auto const invoice = call.text("invoice"); !invoice.empty()) {
        TRY(call.need("invoice", invoice, "invoice"));
        query.index = "invoice";
        query.key = invoice;
    } else if (auto const intent = call.text("payment.payment_intent"); !intent.empty()) {
        query.index = "payment.payment_intent";
        query.key = intent;
    }
    query.keep = [&](JsonObject const& payment) {
        auto const status = call.text("status");
        return status.empty() || text_at(payment, "status") == status;
    };
    return call.list(query);
}

}  // namespace

void add_invoice_payments(World& world) {
    world.views.provide("invoice", "payments",
                        [&world](JsonObject const& invoice) { return payments_of(world, invoice); });
    world.views.provide("invoice", "confirmation_secret",
                        [&world](JsonObject const& invoice) { return confirmation_secret(world, invoice); });
    world.registry.on("GET /v1/invoice_payments/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::invoice_payment, call.path_id()));
        return call.view(object_type::invoice_payment, call.path_id());
    });
    world.registry.on("GET /v1/invoice_payments", list_invoice_payments);
}

}  // namespace billhook::sandbox
