#include "sandbox/page/front_page.h"

#include "sandbox/core/call.h"
#include "sandbox/page/html.h"

namespace billhook::sandbox {
namespace {

struct CardHint {
    std::string_view number, effect;
};
constexpr CardHint card_hints[] = {
    {"4242 4242 4242 4242", "succeeds"},
    {"4000 0027 6000 3184", "the bank asks each time"},
    {"4000 0025 0000 3155", "the bank asks until it is set up"},
    {"4000 0000 0000 0002", "is declined"},
    {"4000 0000 0000 9995", "has insufficient funds"},
    {"4000 0000 0000 0341", "is accepted, and declined when charged"},
};

net::HttpResponse show(Call& call, net::HttpRequest const&) {
    auto const& url = call.world().settings.public_url;
    std::string cards;
    for (auto const& card : card_hints)
        cards +=
            "<tr><td><code>" + std::string(card.number) + "</code></td><td>" + std::string(card.effect) + "</td></tr>";
    return html_page(
        "Stripe sandbox",
        "<p>A stand-in for Stripe's API <code>" + escape_html(call.world().surface.version()) +
            "</code>. Any official Stripe library speaks to it: give it the address <code>" + escape_html(url) +
            "</code> and any test key, such as <code>sk_test_123</code>.</p>"
            "<ul><li><a href=\"/_sandbox\">Status</a>: its time, what is waiting, what it cannot do</li>"
            "<li><a href=\"/_sandbox/settings\">Settings</a> and <a href=\"/_sandbox/faults\">faults on demand</a></li>"
            "</ul><h2>Test cards</h2><p class=\"quiet-text\">With any date to come and any security code.</p>"
            "<table><thead><tr><th scope=\"col\">Number</th><th scope=\"col\">What it does</th></tr></thead><tbody>" +
            cards +
            "</tbody></table><h2>Time</h2><p>A month passes with</p><p><code>curl -u sk_test_123: " + escape_html(url) +
            "/v1/test_helpers/test_clocks/clock_sandbox/advance -d frozen_time=$(date -d '+1 month' +%s)</code></p>");
}

}  // namespace

void add_front_page(World& world) {
    world.registry.on_page("GET /", show);
}

}  // namespace billhook::sandbox
