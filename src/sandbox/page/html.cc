#include "sandbox/page/html.h"

#include "base/money.h"
#include "net/form.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1f36}"
    ".sandbox{background:#fff3cd;color:#533f03;padding:.5rem .75rem;border-radius:.375rem}"
    "label{display:block;margin:.75rem 0 "
    ".25rem}input,select{font:inherit;width:100%;padding:.5rem;box-sizing:border-box;"
    "border:1px solid #6b7280;border-radius:.375rem}button{font:inherit;margin:1rem .5rem 0 0;padding:.6rem 1.2rem;"
    "border:0;border-radius:.375rem;background:#4338ca;color:#fff}button.quiet{background:#4b5563}"
    ".error{background:#fde8e8;color:#7f1d1d;padding:.5rem .75rem;border-radius:.375rem}table{width:100%}"
    "td:last-child{text-align:right}";

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
           "autocomplete=\"off\" required value=\"4242424242424242\">"
           "<label for=\"exp_month\">Expiry month</label><input id=\"exp_month\" name=\"exp_month\" required "
           "value=\"12\"><label for=\"exp_year\">Expiry year</label><input id=\"exp_year\" name=\"exp_year\" required "
           "value=\"2040\"><label for=\"cvc\">Security code</label><input id=\"cvc\" name=\"cvc\" required "
           "value=\"123\"><label for=\"name\">Name on card</label><input id=\"name\" name=\"name\" value=\"\">";
}

net::HttpResponse challenge_form(std::string_view action) {
    return html_page("Your bank asks",
                     "<p>Do you confirm this payment?</p><form method=\"post\" action=\"" + escape_html(action) +
                         "\"><button name=\"challenge\" value=\"complete\">Complete</button>"
                         "<button class=\"quiet\" name=\"challenge\" value=\"fail\">Fail</button></form>");
}

}  // namespace billhook::sandbox
