#include "sandbox/payment/card_form.h"

#include "sandbox/billing/fields.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view waiting_type = "internal.awaiting_bank";
constexpr std::string_view wallet_number = "4242424242424242";

int number_of(JsonObject const& form, std::string_view name, int fallback) {
    auto const text = text_at(form, name);
    bool const is_number =
        !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::stoi(text) : fallback;
}

}  // namespace

Answer<CardDetails> read_card_form(Call const& call, JsonObject const& form) {
    CardDetails details;
    auto const wallet = text_at(form, "wallet");
    for (std::string_view const known : {"apple_pay", "google_pay"})
        if (wallet == known) details.wallet = known;
    auto number = wallet.empty() ? text_at(form, "number") : std::string(wallet_number);
    std::erase_if(number, [](char c) { return c == ' ' || c == '-'; });
    details.card = find_card_by_number(number);
    if (!details.card) return refuse(not_a_test_card());
    details.exp_month = number_of(form, "exp_month", 12);
    details.exp_year = number_of(form, "exp_year", 2040);
    details.exp_year = TRY(read_expiry_year(call, details.exp_month, details.exp_year));
    for (auto const* name : {"name", "email"})
        if (auto const text = text_at(form, name); !text.empty()) details.billing_details[name] = text;
    return details;
}

bool wants_to_ask(Call& call, std::string const& method) {
    return !method.empty() && card_of(call, method).challenge != Challenge::none;
}

void await_bank(Call& call, std::string const& id, JsonObject payer) {
    if (awaits_bank(call, id)) call.store().erase(waiting_type, id);
    payer["id"] = id;
    call.store().insert(waiting_type, std::move(payer));
}

bool awaits_bank(Call& call, std::string const& id) {
    return call.store().find(waiting_type, id) != nullptr;
}

JsonObject take_from_bank(Call& call, std::string const& id) {
    JsonObject payer = *call.store().find(waiting_type, id);
    call.store().erase(waiting_type, id);
    return payer;
}

}  // namespace billhook::sandbox
