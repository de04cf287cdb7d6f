#include "sandbox/page/html.h"
#include "sandbox/payment/challenge.h"
#include "sandbox/payment/payment_resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view return_type = "internal.challenge_return";

bool is_setup(std::string_view intent) {
    return intent.starts_with("seti_");
}

std::string return_address(Call& call, std::string const& intent, bool has_passed) {
    auto const* kept = call.store().find(return_type, intent);
    if (!kept) return {};
    std::string url(as_view(kept->at("url").as_string()));
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += (is_setup(intent) ? "setup_intent=" : "payment_intent=") + intent;
    url += has_passed ? "&redirect_status=succeeded" : "&redirect_status=failed";
    return url;
}

net::HttpResponse show(Call& call, net::HttpRequest const&) {
    auto const& id = call.path_id();
    auto const* intent = call.find(is_setup(id) ? "setup_intent" : "payment_intent", id);
    if (!intent) return html_page("Unknown payment", "<p>There is nothing to confirm here.</p>", 404);
    if (intent->at("status") != Json("requires_action"))
        return html_page("Nothing to confirm", "<p>This payment does not wait for its holder.</p>", 410);
    std::string const amount =
        is_setup(id) ? "a card for later payments"
                     : show_money(intent->at("amount").as_int64(), as_view(intent->at("currency").as_string()));
    return html_page("Your bank asks",
                     "<p>Do you confirm " + escape_html(amount) + "?</p><form method=\"post\" action=\"" +
                         escape_html(challenge_url(call.world(), id)) +
                         "\"><button name=\"challenge\" value=\"complete\">Complete</button>"
                         "<button class=\"quiet\" name=\"challenge\" value=\"fail\">Fail</button></form>");
}

net::HttpResponse submit_challenge_page(Call& call, net::HttpRequest const& request) {
    auto const& id = call.path_id();
    bool const has_passed = string_or(form_of(request), "challenge") == "complete";
    bool is_paid = has_passed;
    if (is_setup(id)) {
        if (auto const done = answer_setup_challenge(call, id, has_passed); !done)
            return html_page("Nothing to confirm", "<p>" + escape_html(done.error().message) + "</p>", 410);
    } else {
        auto const done = answer_payment_challenge(call, id, has_passed);
        if (!done) return html_page("Nothing to confirm", "<p>" + escape_html(done.error().message) + "</p>", 410);
        is_paid = done->kind == PaymentOutcome::Kind::succeeded;
    }
    auto const back = return_address(call, id, is_paid);
    if (!back.empty()) return redirect_to(back);
    return html_page(is_paid ? "Confirmed" : "Not confirmed", "<p>You may close this page.</p>");
}

}  // namespace

std::string challenge_url(World const& world, std::string const& intent) {
    return world.settings.public_url + "/challenge/" + intent;
}

void set_challenge_return(Call& call, std::string const& intent, std::string const& return_url) {
    if (return_url.empty()) return;
    if (call.store().find(return_type, intent)) call.store().erase(return_type, intent);
    call.store().insert(return_type, {{"id", intent}, {"url", return_url}});
}

Json next_action(Call& call, std::string const& intent, std::string const& return_url) {
    set_challenge_return(call, intent, return_url);
    if (return_url.empty()) return {{"type", "use_stripe_sdk"}, {"use_stripe_sdk", JsonObject{}}};
    return {{"type", "redirect_to_url"},
            {"redirect_to_url", {{"return_url", return_url}, {"url", challenge_url(call.world(), intent)}}}};
}

void add_challenge_page(World& world) {
    world.registry.on_page("GET /challenge/{id}", show);
    world.registry.on_page("POST /challenge/{id}", submit_challenge_page);
}

}  // namespace billhook::sandbox
