#include "sandbox/page/html.h"

#include "base/money.h"
#include "net/form.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--ink:#1a1f36;--quiet:#4f566b;--line:#c9cfd8;--field:#6b7280;--page:#f4f6f9;--paper:#fff;
--accent:#4338ca;--on-accent:#fff;--note:#fff3cd;--on-note:#533f03;--bad:#fde8e8;--on-bad:#7f1d1d;--good:#def7ec;
--on-good:#03543f}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ee;--quiet:#b3b9c6;--line:#3a4152;--field:#7c8494;--page:#12151d;
--paper:#1b202b;--accent:#a5b4fc;--on-accent:#14172a;--note:#4a3a08;--on-note:#ffe9a8;--bad:#4c1717;--on-bad:#ffd5d5;
--good:#0c3b2b;--on-good:#b9f3d9}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:1rem;color:var(--ink);background:var(--page)}
main{max-width:32rem;margin:0 auto;padding:1rem 1.25rem 1.5rem;background:var(--paper);border:1px solid var(--line);
border-radius:.75rem;overflow-wrap:break-word}
h1{font-size:1.5rem;line-height:1.25;margin:1rem 0}
h2{font-size:1.125rem;margin:1.75rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line)}
a{color:var(--accent)}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--accent);
outline-offset:2px}
label{display:block;margin:.75rem 0 .25rem;font-weight:600}
input,select{font:inherit;color:inherit;width:100%;min-height:2.75rem;padding:.5rem .75rem;background:var(--paper);
border:1px solid var(--field);border-radius:.375rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 .75rem}
button{font:inherit;font-weight:600;width:100%;min-height:2.75rem;margin-top:1rem;padding:.5rem 1rem;cursor:pointer;
border:1px solid transparent;border-radius:.375rem;background:var(--accent);color:var(--on-accent)}
button.quiet{background:transparent;color:var(--ink);border-color:var(--field);margin-top:.5rem}
.sandbox,.error,.note{margin:.75rem 0;padding:.5rem .75rem;border-radius:.375rem}
.sandbox{margin-top:0;background:var(--note);color:var(--on-note);font-size:.875rem}
.error{background:var(--bad);color:var(--on-bad)}
.note{background:var(--good);color:var(--on-good)}
.quiet-text{color:var(--quiet)}
.due{display:flex;justify-content:space-between;gap:1rem;font-size:1.125rem;font-weight:700;margin:.75rem 0}
table{width:100%;border-collapse:collapse}
th,td{padding:.5rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
td+td,th+th{padding-left:1rem}
.amounts th:last-child,.amounts td:last-child{text-align:right;white-space:nowrap}
code{font-size:.875em}
)css";

}  // namespace

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (char c : text) switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    return escaped;
}

net::HttpResponse html_page(std::string_view title, std::string_view body, int status) {
    net::HttpResponse response{.status = status};
    response.body =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><title>" +
        escape_html(title) + "</title><style>" + std::string(style) +
        "</style></head><body><main><p class=\"sandbox\">Sandbox: no real money moves. Use the published "
        "test cards only.</p><h1>" +
        escape_html(title) + "</h1>" + std::string(body) + "</main></body></html>";
    response.headers.set("Content-Type", "text/html; charset=utf-8");
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

net::HttpResponse redirect_to(std::string_view url) {
    net::HttpResponse response{.status = 303};
    response.headers.set("Location", std::string(url));
    return response;
}

JsonObject form_of(net::HttpRequest const& request) {
    return net::parse_form(request.body).value_or(JsonObject{});
}

std::string show_money(std::int64_t amount, std::string_view currency) {
    auto const parsed = Currency::parse(currency);
    return parsed ? to_display({amount, *parsed}) : std::to_string(amount);
}

std::string card_fields() {
    return "<label for=\"number\">Card number</label><input id=\"number\" name=\"number\" inputmode=\"numeric\" "
           "autocomplete=\"off\" required value=\"4242424242424242\"><div class=\"pair\"><div>"
           "<label for=\"exp_month\">Expiry month</label><input id=\"exp_month\" name=\"exp_month\" "
           "inputmode=\"numeric\" required value=\"12\"></div><div><label for=\"exp_year\">Expiry year</label><input "
           "id=\"exp_year\" name=\"exp_year\" inputmode=\"numeric\" required value=\"2040\"></div></div><label "
           "for=\"cvc\">Security code</label><input id=\"cvc\" name=\"cvc\" inputmode=\"numeric\" required "
           "value=\"123\"><label for=\"name\">Name on card</label><input id=\"name\" name=\"name\" value=\"\">";
}

net::HttpResponse challenge_form(std::string_view action) {
    return html_page("Your bank asks",
                     "<p>Do you confirm this payment?</p><form method=\"post\" action=\"" + escape_html(action) +
                         "\"><button name=\"challenge\" value=\"complete\">Complete</button>"
                         "<button class=\"quiet\" name=\"challenge\" value=\"fail\">Fail</button></form>");
}

}  // namespace billhook::sandbox
