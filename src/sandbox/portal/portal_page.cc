// The customer portal: cancel and resume, replace the card, see invoices, as far as the session's configuration lets
// the customer; or one flow of these or of a prepared change, and then to where it leads. It works without script.

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

/// What a session is for. The flow is null where the customer is at the home page.
struct Portal {
    std::string customer;
    JsonObject const& features;
    JsonObject const* flow = nullptr;

    bool offers(std::string_view feature) const { return bool_at(features, std::string(feature) + ".enabled"); }
    std::string flow_type() const { return flow ? text_at(*flow, "type") : std::string{}; }
};

Portal portal_of(Call& call, JsonObject const& session) {
    auto const& configuration =
        *call.find(object_type::billing_portal_configuration, text_at(session, "configuration"));
    bool const is_over = session.contains("sandbox_is_flow_over");
    return {text_at(session, "customer"), configuration.at("features").as_object(),
            is_over ? nullptr : session.at("flow").if_object()};
}

/// The feature without which an action is neither offered nor done.
std::string_view feature_of(std::string_view action) {
    if (action == "card") return "payment_method_update";
    if (action == "update") return "subscription_update";
    return "subscription_cancel";
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

bool ends_at_once(Portal const& portal) {
    return text_at(portal.features, "subscription_cancel.mode") == "immediately";
}

std::string cancel_button(Call& call, Portal const& portal, std::string const& subscription) {
    return button(call, "cancel", subscription, ends_at_once(portal) ? "Cancel now" : "Cancel at period end");
}

std::string subscriptions_part(Call& call, Portal const& portal) {
    std::string part = "<h2>Subscriptions</h2>";
    for (auto const& [sequence, stored] : call.store().where("subscription", "customer", portal.customer)) {
        auto const& subscription = stored->object;
        auto const status = text_at(subscription, "status");
        if (status == "canceled" || status == "incomplete_expired") continue;
        bool const is_leaving = subscription.at("cancel_at_period_end") == Json(true);
        part += "<p><strong>" + escape_html(name_of(call, stored->id)) + "</strong>: " + escape_html(status) +
                (is_leaving ? ", ends with the paid period" : "") + "</p>";
        if (!portal.offers("subscription_cancel")) continue;
        part += is_leaving ? button(call, "resume", stored->id, "Keep the subscription")
                           : cancel_button(call, portal, stored->id);
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

/// What a prepared change makes of a subscription: each product, how many, and what they cost.
std::string change_part(Call& call, JsonObject const& wanted) {
    std::string part = "<ul>";
    for (auto const& item : wanted.at("items").as_array()) {
        auto const* price = call.find("price", string_or(item, "price"));
        if (!price) continue;
        auto const quantity = int_or(item, "quantity", 1);
        part += "<li>" + escape_html(sold_thing(call, text_at(*price, "product")).product_name) +
                (quantity > 1 ? " × " + std::to_string(quantity) : "") + ", " +
                show_money(int_at(*price, "unit_amount") * quantity, text_at(*price, "currency")) + "</li>";
    }
    return part + "</ul>" + button(call, "update", text_at(wanted, "subscription"), "Confirm");
}

std::string home_part(Call& call, Portal const& portal) {
    auto part = subscriptions_part(call, portal);
    if (portal.offers("payment_method_update")) part += card_part(call);
    if (portal.offers("invoice_history")) part += invoices_part(call, portal.customer);
    return part;
}

/// A flow shows what it is for and nothing else; one that this page does not know begins at the home page.
std::string flow_part(Call& call, Portal const& portal) {
    auto const type = portal.flow_type();
    if (type == "payment_method_update" && portal.offers(type)) return card_part(call);
    if (type == "subscription_cancel" && portal.offers(type)) {
        auto const subscription = text_at(*portal.flow, "subscription_cancel.subscription");
        return "<p><strong>" + escape_html(name_of(call, subscription)) + "</strong></p>" +
               cancel_button(call, portal, subscription);
    }
    if (type == "subscription_update_confirm" && portal.offers("subscription_update"))
        return change_part(call, portal.flow->at("subscription_update_confirm").as_object());
    return home_part(call, portal);
}

net::HttpResponse portal_page(Call& call, JsonObject const& session, std::string const& note, bool is_error) {
    std::string body;
    if (!note.empty())
        body += is_error ? "<p class=\"error\" role=\"alert\">" + escape_html(note) + "</p>"
                         : "<p class=\"note\" role=\"status\">" + escape_html(note) + "</p>";
    body += flow_part(call, portal_of(call, session));
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

Answer<std::string> cancel_by_portal(Call& call, Portal const& portal, std::string const& id) {
    if (!ends_at_once(portal)) {
        TRY(perform(call, "POST", "/v1/subscriptions/" + id, {{"cancel_at_period_end", true}}));
        return "The subscription ends with the paid period.";
    }
    auto const proration = text_at(portal.features, "subscription_cancel.proration_behavior");
    TRY(perform(call, "DELETE", "/v1/subscriptions/" + id,
                {{"prorate", proration != "none"}, {"invoice_now", proration == "always_invoice"}}));
    return "The subscription has ended.";
}

/// The change that the session's flow prepared, at the configuration's terms.
Answer<std::string> update_by_portal(Call& call, Portal const& portal, std::string const& id) {
    if (portal.flow_type() != "subscription_update_confirm") return refuse(bad_request("There is nothing to confirm."));
    auto const& wanted = portal.flow->at("subscription_update_confirm").as_object();
    if (text_at(wanted, "subscription") != id) return refuse(no_such("subscription", id));
    JsonObject parameters{{"items", wanted.at("items")},
                          {"payment_behavior", "error_if_incomplete"},
                          {"proration_behavior", text_at(portal.features, "subscription_update.proration_behavior")}};
    if (auto const* discounts = find(wanted, "discounts"); discounts && discounts->is_array())
        parameters["discounts"] = *discounts;
    TRY(perform(call, "POST", "/v1/subscriptions/" + id, parameters));
    return "The subscription was changed.";
}

Answer<std::string> carry_out(Call& call, Portal const& portal, JsonObject const& form) {
    auto const action = string_or(form, "action");
    if (!portal.offers(feature_of(action))) return refuse(bad_request("This is not offered here."));
    if (action == "card") {
        TRY_VOID(replace_card(call, portal.customer, form));
        return "The card was replaced.";
    }
    auto const id = string_or(form, "subscription");
    auto const* subscription = call.find("subscription", id);
    if (!subscription || text_at(*subscription, "customer") != portal.customer)
        return refuse(no_such("subscription", id));
    if (action == "update") return update_by_portal(call, portal, id);
    if (action == "cancel") return cancel_by_portal(call, portal, id);
    if (action != "resume") return refuse(bad_request("Unknown action."));
    TRY(perform(call, "POST", "/v1/subscriptions/" + id, {{"cancel_at_period_end", false}}));
    return "The subscription goes on.";
}

/// Where a flow leads when it has been gone through; the session itself goes on at the home page.
net::HttpResponse finish_flow(Call& call, JsonObject const& flow, std::string const& note) {
    auto& session = call.edit(object_type::billing_portal_session, call.path_id());
    session["sandbox_is_flow_over"] = true;
    auto const type = text_at(flow, "after_completion.type");
    if (type == "redirect") return redirect_to(text_at(flow, "after_completion.redirect.return_url"));
    if (type != "hosted_confirmation") return portal_page(call, session, note, false);
    auto const message = text_at(flow, "after_completion.hosted_confirmation.custom_message");
    return html_page("Your account",
                     "<p class=\"note\" role=\"status\">" + escape_html(message.empty() ? note : message) + "</p>");
}

net::HttpResponse show_portal_page(Call& call, net::HttpRequest const&) {
    auto const* session = usable(call);
    return session ? portal_page(call, *session, "", false) : expired_page();
}

net::HttpResponse submit_portal_page(Call& call, net::HttpRequest const& request) {
    auto const* session = usable(call);
    if (!session) return expired_page();
    auto const portal = portal_of(call, *session);
    auto const start = call.mark();
    auto const done = carry_out(call, portal, form_of(request));
    if (!done) call.undo(start);
    if (done && portal.flow) return finish_flow(call, *portal.flow, *done);
    auto const& present = *call.find(object_type::billing_portal_session, call.path_id());
    return portal_page(call, present, done ? *done : done.error().message, !done);
}

}  // namespace

void add_portal_page(World& world) {
    world.registry.on_page("GET /p/session/{id}", show_portal_page);
    world.registry.on_page("POST /p/session/{id}", submit_portal_page);
}

}  // namespace billhook::sandbox
