// The hosted Checkout page: a plain form that works without script.

#include "sandbox/billing/fields.h"
#include "sandbox/checkout/checkout_session.h"
#include "sandbox/checkout/complete_session.h"
#include "sandbox/core/object_type.h"
#include "sandbox/page/html.h"
#include "sandbox/payment/card_form.h"

namespace billhook::sandbox {
namespace {

bool needs_card(JsonObject const& session) {
    if (text_at(session, "mode") == "setup" || amount_due(session) > 0) return true;
    return text_at(session, "mode") == "subscription" && text_at(session, "payment_method_collection") == "always";
}

std::string items_table(Call& call, std::string const& id) {
    std::string rows;
    for (auto const& item : call.store().find(object_type::checkout_wish, id)->at("items").as_array()) {
        auto const& line = *call.store().find("item", as_view(item.as_string()));
        auto const& quantity = line.at("quantity");
        rows += "<tr><td>" + escape_html(text_at(line, "description")) +
                (quantity.is_int64() && quantity.get_int64() != 1 ? " × " + std::to_string(quantity.get_int64()) : "") +
                "</td><td>" + show_money(line.at("amount_total").as_int64(), text_at(line, "currency")) + "</td></tr>";
    }
    return "<table class=\"amounts\"><thead><tr><th scope=\"col\">What</th><th "
           "scope=\"col\">Amount</th></tr></thead><tbody>" +
           rows + "</tbody></table>";
}

net::HttpResponse page(Call& call, std::string const& id, std::string const& error) {
    auto const& session = *call.find(object_type::checkout_session, id);
    auto const base = call.world().settings.public_url + "/c/pay/" + id;
    std::string body;
    if (!error.empty()) body += "<p class=\"error\" role=\"alert\">" + escape_html(error) + "</p>";
    if (text_at(session, "mode") != "setup") {
        body += items_table(call, id);
        body += "<p class=\"due\"><span>Due now:</span> <span>" +
                show_money(amount_due(session), text_at(session, "currency")) + "</span></p>";
    }
    body += "<form method=\"post\" action=\"" + escape_html(base) + "\">";
    if (text_at(session, "customer").empty())
        body +=
            "<label for=\"email\">E-mail</label><input id=\"email\" name=\"email\" type=\"email\" "
            "autocomplete=\"email\" value=\"" +
            escape_html(text_at(session, "customer_email")) + "\">";
    if (needs_card(session)) body += card_fields();
    auto const* codes = find(session, "allow_promotion_codes");
    if (codes && codes->is_bool() && codes->get_bool())
        body +=
            "<label for=\"promotion_code\">Promotion code</label><input id=\"promotion_code\" "
            "name=\"promotion_code\" value=\"\">";
    body += "<button>Pay</button>";
    if (needs_card(session))
        body +=
            "<button class=\"quiet\" name=\"wallet\" value=\"apple_pay\">Apple Pay (test)</button>"
            "<button class=\"quiet\" name=\"wallet\" value=\"google_pay\">Google Pay (test)</button>";
    body += "</form>";
    if (auto const back = text_at(session, "cancel_url"); !back.empty())
        body += "<p><a href=\"" + escape_html(back) + "\">Leave without paying</a></p>";
    // A refusal is shown with 200: what the attempt left behind has been undone already.
    return html_page("Checkout", body);
}

net::HttpResponse closed_page(JsonObject const* session) {
    if (!session) return html_page("Unknown session", "<p>There is no such Checkout Session.</p>", 404);
    bool const is_complete = session->at("status") == Json("complete");
    return html_page(is_complete ? "Already paid" : "This page has expired",
                     is_complete ? "<p>This Checkout Session was completed.</p>" : "<p>Go back and start again.</p>",
                     410);
}

net::HttpResponse lead_back(Call& call, std::string const& id) {
    auto const& session = *call.find(object_type::checkout_session, id);
    auto url = text_at(session, "success_url");
    if (url.empty()) url = text_at(session, "return_url");
    constexpr std::string_view placeholder = "{CHECKOUT_SESSION_ID}";
    if (auto const at = url.find(placeholder); at != std::string::npos) url.replace(at, placeholder.size(), id);
    if (url.empty()) return html_page("Thank you", "<p>The payment is complete.</p>");
    return redirect_to(url);
}

Answer<Payer> read_payer(Call& call, JsonObject const& form, bool wants_card) {
    Payer payer{.email = string_or(form, "email"),
                .name = string_or(form, "name"),
                .promotion_code = string_or(form, "promotion_code")};
    if (wants_card) payer.payment_method = create_card_method(call, TRY(read_card_form(call, form)));
    return payer;
}

/// A refusal leaves nothing of what was done since `start`, the refused card neither.
net::HttpResponse finish(Call& call, std::string const& id, Payer const& payer, Call::Savepoint const& start) {
    auto const done = complete_session(call, id, payer);
    if (done) return lead_back(call, id);
    call.undo(start);
    return page(call, id, done.error().message);
}

net::HttpResponse show(Call& call, net::HttpRequest const&) {
    auto const& id = call.path_id();
    auto const* session = call.find(object_type::checkout_session, id);
    if (!session || !is_open(*session)) return closed_page(session);
    return page(call, id, "");
}

net::HttpResponse submit(Call& call, net::HttpRequest const& request) {
    auto const& id = call.path_id();
    auto const* session = call.find(object_type::checkout_session, id);
    if (!session || !is_open(*session)) return closed_page(session);
    call.use_clock_of(*session);
    auto const start = call.mark();
    auto const payer = read_payer(call, form_of(request), needs_card(*session));
    if (!payer) return page(call, id, payer.error().message);
    if (wants_to_ask(call, payer->payment_method)) {
        await_bank(call, id,
                   {{"payment_method", payer->payment_method},
                    {"email", payer->email},
                    {"name", payer->name},
                    {"promotion_code", payer->promotion_code}});
        return redirect_to(call.world().settings.public_url + "/c/pay/" + id + "/challenge");
    }
    return finish(call, id, *payer, start);
}

net::HttpResponse recover(Call& call, net::HttpRequest const&) {
    auto const recovered = recover_session(call, call.path_id());
    if (!recovered) return html_page("This page has expired", "<p>Go back and start again.</p>", 410);
    return redirect_to(call.world().settings.public_url + "/c/pay/" + *recovered);
}

net::HttpResponse ask(Call& call, net::HttpRequest const&) {
    auto const& id = call.path_id();
    auto const* session = call.find(object_type::checkout_session, id);
    if (!session || !is_open(*session) || !awaits_bank(call, id)) return closed_page(session);
    return challenge_form(call.world().settings.public_url + "/c/pay/" + id + "/challenge");
}

net::HttpResponse answer(Call& call, net::HttpRequest const& request) {
    auto const& id = call.path_id();
    auto const* session = call.find(object_type::checkout_session, id);
    if (!session || !is_open(*session) || !awaits_bank(call, id)) return closed_page(session);
    call.use_clock_of(*session);
    auto const kept = take_from_bank(call, id);
    Payer const payer{.payment_method = text_at(kept, "payment_method"),
                      .email = text_at(kept, "email"),
                      .name = text_at(kept, "name"),
                      .promotion_code = text_at(kept, "promotion_code"),
                      .has_authenticated = true};
    if (string_or(form_of(request), "challenge") != "complete")
        return page(call, id, "Your bank did not confirm the payment. Try again or use another card.");
    return finish(call, id, payer, call.mark());
}

}  // namespace

void add_checkout_page(World& world) {
    world.registry.on_page("GET /c/recover/{id}", recover);
    world.registry.on_page("GET /c/pay/{id}", show);
    world.registry.on_page("POST /c/pay/{id}", submit);
    world.registry.on_page("GET /c/pay/{id}/challenge", ask);
    world.registry.on_page("POST /c/pay/{id}/challenge", answer);
}

}  // namespace billhook::sandbox
