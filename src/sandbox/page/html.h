#pragma once
// The hosted pages' frame: plain HTML that works without script, says that it is a sandbox, and escapes what it shows.

#include <string>
#include <string_view>

#include "base/json.h"
#include "net/http_message.h"

namespace billhook::sandbox {

std::string escape_html(std::string_view text);

/// A whole page; `body` is HTML already.
net::HttpResponse html_page(std::string_view title, std::string_view body, int status = 200);
net::HttpResponse redirect_to(std::string_view url);
/// The fields of a posted form; malformed input is an empty object.
JsonObject form_of(net::HttpRequest const& request);

/// "25.00 USD" of an amount in minor units.
std::string show_money(std::int64_t amount, std::string_view currency);

/// The card's fields of a payment form: number, exp_month, exp_year, cvc, name.
std::string card_fields();

/// The bank's question as a page with two buttons, `challenge` = complete or fail.
net::HttpResponse challenge_form(std::string_view action);

}  // namespace billhook::sandbox
