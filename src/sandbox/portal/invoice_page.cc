// The hosted invoice page: what is owed, and a form that pays it. It works without script.

#include "sandbox/billing/fields.h"
#include "sandbox/core/inner_operation.h"
#include "sandbox/page/html.h"
#include "sandbox/payment/card_form.h"
#include "sandbox/portal/portal_resources.h"

namespace billhook::sandbox {
namespace {

std::string address_of_invoice_page(Call& call, std::string const& id) {
    return call.world().settings.public_url + "/i/" + id;
}

net::HttpResponse invoice_page(Call& call, JsonObject const& invoice, std::string const& error) {
    auto const id = text_at(invoice, "id");
    std::string body;
    if (!error.empty()) body += "<p class=\"error\" role=\"alert\">" + escape_html(error) + "</p>";
    body += "<p>Invoice " + escape_html(text_at(invoice, "number")) + ": <strong>" +
            show_money(invoice.at("amount_remaining").as_int64(), text_at(invoice, "currency")) + "</strong> due</p>";
    body += "<form method=\"post\" action=\"" + escape_html(address_of_invoice_page(call, id)) + "\">" + card_fields() +
            "<button>Pay</button></form>";
    return html_page("Invoice", body);
}

net::HttpResponse settled_page(JsonObject const* invoice) {
    if (!invoice) return html_page("Unknown invoice", "<p>There is no such invoice.</p>", 404);
    auto const status = text_at(*invoice, "status");
    return html_page(status == "paid" ? "Paid" : "Nothing to pay",
                     "<p>This invoice is " + escape_html(status) + ".</p>");
}

/// The invoice where it waits for money, else null.
JsonObject const* payable(Call& call) {
    auto const* invoice = call.find("invoice", call.path_id());
    return invoice && text_at(*invoice, "status") == "open" ? invoice : nullptr;
}

net::HttpResponse pay(Call& call, std::string const& id, std::string const& method) {
    auto const& invoice = *call.find("invoice", id);
    auto const customer = text_at(invoice, "customer");
    auto const start = call.mark();
    auto const done = [&]() -> Answer<void> {
        TRY_VOID(attach_payment_method(call, method, customer));
        mark_set_up(call, method);
        TRY(perform(call, "POST", "/v1/invoices/" + id + "/pay", {{"payment_method", method}, {"off_session", false}}));
        return {};
    }();
    if (done) return settled_page(call.find("invoice", id));
    call.undo(start);
    return invoice_page(call, *call.find("invoice", id), done.error().message);
}

net::HttpResponse show_invoice_page(Call& call, net::HttpRequest const&) {
    auto const* invoice = payable(call);
    return invoice ? invoice_page(call, *invoice, "") : settled_page(call.find("invoice", call.path_id()));
}

net::HttpResponse submit_invoice_page(Call& call, net::HttpRequest const& request) {
    auto const id = call.path_id();
    auto const* invoice = payable(call);
    if (!invoice) return settled_page(call.find("invoice", id));
    call.use_clock_of(*invoice);
    auto const card = read_card_form(call, form_of(request));
    if (!card) return invoice_page(call, *invoice, card.error().message);
    auto const method = create_card_method(call, *card);
    if (!wants_to_ask(call, method)) return pay(call, id, method);
    await_bank(call, id, {{"payment_method", method}});
    return redirect_to(address_of_invoice_page(call, id) + "/challenge");
}

net::HttpResponse ask(Call& call, net::HttpRequest const&) {
    auto const id = call.path_id();
    if (!payable(call) || !awaits_bank(call, id)) return settled_page(call.find("invoice", id));
    return challenge_form(address_of_invoice_page(call, id) + "/challenge");
}

net::HttpResponse answer(Call& call, net::HttpRequest const& request) {
    auto const id = call.path_id();
    auto const* invoice = payable(call);
    if (!invoice || !awaits_bank(call, id)) return settled_page(call.find("invoice", id));
    call.use_clock_of(*invoice);
    auto const method = text_at(take_from_bank(call, id), "payment_method");
    if (string_or(form_of(request), "challenge") != "complete")
        return invoice_page(call, *invoice, "Your bank did not confirm the payment. Try again or use another card.");
    mark_authenticated(call, method);
    return pay(call, id, method);
}

}  // namespace

void add_invoice_page(World& world) {
    world.registry.on_page("GET /i/{id}", show_invoice_page);
    world.registry.on_page("POST /i/{id}", submit_invoice_page);
    world.registry.on_page("GET /i/{id}/challenge", ask);
    world.registry.on_page("POST /i/{id}/challenge", answer);
}

}  // namespace billhook::sandbox
