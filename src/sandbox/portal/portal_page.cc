// The customer portal: cancel and resume, replace the card, see invoices. It works without script.

#include "sandbox/billing/fields.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/products.h"
#include "sandbox/core/inner_operation.h"
#include "sandbox/core/object_type.h"
#include "sandbox/page/html.h"
#include "sandbox/payment/card_form.h"
#include "sandbox/portal/portal_resources.h"
#include "sandbox/portal/portal_session.h"

namespace billhook::sandbox {
namespace {

/// The session where it may still be used, else null.
JsonObject const* usable(Call& call) {
    auto const* session = call.find(object_type::billing_portal_session, call.path_id());
    if (!session) return nullptr;
    call.use_clock_of(*session);
    return call.now() < session->at("created").as_int64() + portal_use_s ? session : nullptr;
}

std::string address_of_portal_page(Call& call) {
    return call.world().settings.public_url + "/p/session/" + call.path_id();
}

std::string button(Call& call, std::string_view action, std::string_view subscription, std::string_view label) {
    return "<form method=\"post\" action=\"" + escape_html(address_of_portal_page(call)) +
           "\"><input type=\"hidden\" name=\"action\" " + "value=\"" + std::string(action) +
           "\"><input type=\"hidden\" name=\"subscription\" value=\"" + escape_html(subscription) + "\"><button>" +
           std::string(label) + "</button></form>";
}

/// "Starter, Extra seats × 3": what the customer knows it by.
std::string name_of(Call& call, std::string const& subscription) {
    std::string name;
    for (auto const& item : load_items(call, subscription))
        name += (name.empty() ? "" : ", ") + sold_thing(call, item.price.product).product_name +
                (item.quantity > 1 ? " × " + std::to_string(item.quantity) : "");
    return name;
}

std::string subscriptions_part(Call& call, std::string const& customer) {
    std::string part = "<h2>Subscriptions</h2>";
    for (auto const& [sequence, stored] : call.store().where("subscription", "customer", customer)) {
        auto const& subscription = stored->object;
        auto const status = text_at(subscription, "status");
        if (status == "canceled" || status == "incomplete_expired") continue;
        bool const is_leaving = subscription.at("cancel_at_period_end") == Json(true);
        part += "<p><strong>" + escape_html(name_of(call, stored->id)) + "</strong>: " + escape_html(status) +
                (is_leaving ? ", ends with the paid period" : "") + "</p>";
        part += is_leaving ? button(call, "resume", stored->id, "Keep the subscription")
                           : button(call, "cancel", stored->id, "Cancel at period end");
    }
    return part;
}

std::string card_part(Call& call) {
    return "<h2>Payment method</h2><form method=\"post\" action=\"" + escape_html(address_of_portal_page(call)) +
           "\"><input type=\"hidden\" name=\"action\" value=\"card\">" + card_fields() +
           "<button>Use this card</button></form>";
}

std::string invoices_part(Call& call, std::string const& customer) {
    std::string part = "<h2>Invoices</h2><ul>";
    for (auto const& [sequence, stored] : call.store().where("invoice", "customer", customer)) {
        auto const& invoice = stored->object;
        if (text_at(invoice, "status") == "draft") continue;
        part += "<li><a href=\"" + escape_html(text_at(invoice, "hosted_invoice_url")) + "\">" +
                escape_html(text_at(invoice, "number")) + "</a> " + escape_html(text_at(invoice, "status")) + " " +
                show_money(invoice.at("total").as_int64(), text_at(invoice, "currency")) + "</li>";
    }
    return part + "</ul>";
}

net::HttpResponse portal_page(Call& call, JsonObject const& session, std::string const& note, bool is_error) {
    auto const customer = text_at(session, "customer");
    std::string body;
    if (!note.empty())
        body += is_error ? "<p class=\"error\" role=\"alert\">" + escape_html(note) + "</p>"
                         : "<p class=\"note\" role=\"status\">" + escape_html(note) + "</p>";
    body += subscriptions_part(call, customer) + card_part(call) + invoices_part(call, customer);
    if (auto const back = text_at(session, "return_url"); !back.empty())
        body += "<p><a href=\"" + escape_html(back) + "\">Back</a></p>";
    return html_page("Your account", body);
}

net::HttpResponse expired_page() {
    return html_page("This link has expired", "<p>Go back and open the portal again.</p>", 410);
}

Answer<void> replace_card(Call& call, std::string const& customer, JsonObject const& form) {
    auto const method = create_card_method(call, TRY(read_card_form(call, form)));
    TRY_VOID(attach_payment_method(call, method, customer));
    mark_set_up(call, method);
    TRY(perform(call, "POST", "/v1/customers/" + customer,
                {{"invoice_settings", {{"default_payment_method", method}}}}));
    for (auto const& [sequence, stored] : call.store().where("subscription", "customer", customer)) {
        auto const status = text_at(stored->object, "status");
        if (status == "canceled" || status == "incomplete_expired" || status == "incomplete") continue;
        TRY(perform(call, "POST", "/v1/subscriptions/" + stored->id, {{"default_payment_method", method}}));
    }
    return {};
}

Answer<std::string> carry_out(Call& call, std::string const& customer, JsonObject const& form) {
    auto const action = string_or(form, "action");
    if (action == "card") {
        TRY_VOID(replace_card(call, customer, form));
        return "The card was replaced.";
    }
    auto const id = string_or(form, "subscription");
    auto const* subscription = call.find("subscription", id);
    if (!subscription || text_at(*subscription, "customer") != customer) return refuse(no_such("subscription", id));
    if (action != "cancel" && action != "resume") return refuse(bad_request("Unknown action."));
    TRY(perform(call, "POST", "/v1/subscriptions/" + id, {{"cancel_at_period_end", action == "cancel"}}));
    return action == "cancel" ? "The subscription ends with the paid period." : "The subscription goes on.";
}

net::HttpResponse show_portal_page(Call& call, net::HttpRequest const&) {
    auto const* session = usable(call);
    return session ? portal_page(call, *session, "", false) : expired_page();
}

net::HttpResponse submit_portal_page(Call& call, net::HttpRequest const& request) {
    auto const* session = usable(call);
    if (!session) return expired_page();
    auto const customer = text_at(*session, "customer");
    auto const start = call.mark();
    auto const done = carry_out(call, customer, form_of(request));
    if (!done) call.undo(start);
    auto const& present = *call.find(object_type::billing_portal_session, call.path_id());
    return portal_page(call, present, done ? *done : done.error().message, !done);
}

}  // namespace

void add_portal_page(World& world) {
    world.registry.on_page("GET /p/session/{id}", show_portal_page);
    world.registry.on_page("POST /p/session/{id}", submit_portal_page);
}

}  // namespace billhook::sandbox
