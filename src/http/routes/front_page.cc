#include "http/routes/front_page.h"

#include "http/context.h"

namespace billhook::http {
namespace {

// Plain HTML without script, as the sandbox's pages.
constexpr std::string_view head =
    R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,)"
    R"(initial-scale=1"><title>Billhook</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,)"
    R"(sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}li{margin:.375rem 0}a{color:)"
    R"(LinkText}code{font-size:.875em}</style></head><body><main><h1>Billhook</h1><p>Subscriptions, entitlements and )"
    R"(limits between an application and Stripe. It is running.</p><ul>)"
    R"(<li><a href="/api/v1/public/pricing">Pricing</a>: what the catalog sells, as JSON</li>)"
    R"(<li><a href="/openapi.yaml">The API</a>, described in OpenAPI</li>)"
    R"(<li><a href="/readyz">Ready?</a> and <a href="/metrics">metrics</a></li>)";
constexpr std::string_view tail = "</ul></main></body></html>";

}  // namespace

// Buyers come back here from a payment page, with whatever the return address carries: its query is not read.
Result<Answer> get_front_page(Call const& call) {
    std::string page(head);
    if (auto const& sandbox = call.context.sandbox_url; !sandbox.empty())
        page += "<li><a href=\"" + sandbox +
                "\">The Stripe sandbox</a> beside it: its pages, test cards and time. No "
                "real money moves.</li>";
    page += tail;
    Answer answer = text_answer(std::move(page), "text/html; charset=utf-8");
    answer.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return answer;
}

}  // namespace billhook::http
