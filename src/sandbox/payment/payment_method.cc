#include "sandbox/payment/payment_method.h"

#include <charconv>

#include "base/calendar.h"
#include "base/check.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/card_source.h"

namespace billhook::sandbox {
namespace {

// No issuer's card lives longer; Stripe refuses what lies further ahead.
constexpr int card_life_years_max = 50;
constexpr std::string_view set_up_type = "internal.set_up_card";
constexpr std::string_view authenticated_type = "internal.authenticated_card";

JsonObject card_hash(CardDetails const& details) {
    TestCard const& card = *details.card;
    bool const may_challenge = card.challenge != Challenge::none || card.token == "pm_card_threeDSecureOptional";
    bool const is_of_secure_brand =
        card.brand == "visa" || card.brand == "mastercard" || card.brand == "amex" || card.brand == "discover";
    JsonObject hash{{"brand", card.brand},
                    {"checks",
                     {{"address_line1_check", nullptr},
                      {"address_postal_code_check", nullptr},
                      {"cvc_check", card.code == "incorrect_cvc" ? "fail" : "pass"}}},
                    {"country", card.country},
                    {"display_brand", card.brand == "amex" ? "american_express" : card.brand},
                    {"exp_month", details.exp_month},
                    {"exp_year", details.exp_year},
                    {"fingerprint", fingerprint_of(card)},
                    {"funding", card.funding},
                    {"generated_from", nullptr},
                    {"last4", card.number.substr(card.number.size() - 4)},
                    {"networks", {{"available", JsonArray{Json(card.brand)}}, {"preferred", nullptr}}},
                    {"regulated_status", "unregulated"},
                    {"three_d_secure_usage", {{"supported", may_challenge || is_of_secure_brand}}},
                    {"wallet", nullptr}};
    if (details.wallet == "apple_pay")
        hash["wallet"] = {{"dynamic_last4", hash["last4"]}, {"type", "apple_pay"}, {"apple_pay", JsonObject{}}};
    if (details.wallet == "google_pay")
        hash["wallet"] = {{"dynamic_last4", hash["last4"]}, {"type", "google_pay"}, {"google_pay", JsonObject{}}};
    return hash;
}

/// The surface has the expiry of tokens as texts.
int number_at(Json const& card, std::string_view name, int fallback) {
    auto const text = string_or(card, name);
    if (text.empty()) return static_cast<int>(int_or(card, name, fallback));
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The card that POST /v1/payment_methods describes: by test number, or by token.
Answer<CardDetails> read_card(Call& call) {
    auto const* card = find(call.params, "card");
    if (!card || !card->is_object()) return refuse(missing_parameter("card"));
    auto const token = string_or(*card, "token");
    if (token.empty()) return read_card_number(call, *card);
    CardDetails details{.card = find_card_by_token(token)};
    if (call.find(object_type::token, token))
        details.card = &card_of(call, TRY(take_card_token(call, token, "card[token]")));
    if (!details.card) return refuse(no_such("token", token, "card[token]"));
    return details;
}

Answer<Json> create_payment_method(Call& call) {
    if (call.text("type") != "card")
        return refuse(bad_request("The sandbox knows payment methods of type card.", "type"));
    auto details = TRY(read_card(call));
    if (auto const* billing = find(call.params, "billing_details"); billing && billing->is_object())
        details.billing_details = billing->get_object();
    auto const id = create_card_method(call, details);
    merge_metadata(call.edit(object_type::payment_method, id), call.params);
    copy_given(call.edit(object_type::payment_method, id), call.params, {"allow_redisplay"});
    return call.view(object_type::payment_method, id);
}

Answer<Json> update_payment_method(Call& call) {
    auto const& id = call.path_id();
    call.use_clock_of(*TRY(call.need(object_type::payment_method, id)));
    auto const before = call.view(object_type::payment_method, id);
    auto& method = call.edit(object_type::payment_method, id);
    merge_metadata(method, call.params);
    copy_given(method, call.params, {"allow_redisplay"});
    if (auto const* billing = find(call.params, "billing_details"); billing && billing->is_object())
        for (auto const& [key, value] : billing->get_object()) method["billing_details"].as_object()[key] = value;
    if (auto const* given = find(call.params, "card"); given && given->is_object()) {
        auto& card = method["card"].as_object();
        copy_given(card, given->get_object(), {"exp_month", "exp_year"});
        card["exp_year"] = TRY(read_expiry_year(call, static_cast<int>(card["exp_month"].as_int64()),
                                                static_cast<int>(card["exp_year"].as_int64())));
    }
    call.emit_change("payment_method.updated", object_type::payment_method, id, before);
    return call.view(object_type::payment_method, id);
}

Answer<Json> attach(Call& call) {
    auto const customer = call.text("customer");
    if (customer.empty()) return refuse(missing_parameter("customer"));
    if (is_spent(call, call.path_id()))
        return refuse(
            bad_request("This PaymentMethod was previously used without being attached to a Customer or was detached "
                        "from a Customer, and may not be used again."));
    auto const id = TRY(resolve_payment_method(call, call.path_id(), ""));
    TRY_VOID(attach_payment_method(call, id, customer));
    return call.view(object_type::payment_method, id);
}

/// Nothing that is still to be paid for goes on naming the method.
void forget_as_default(Call& call, std::string const& customer, std::string const& id) {
    auto const forget_in = [&](std::string_view type, std::string_view event, auto const& is_over) {
        std::vector<std::string> holders;
        for (auto const& [sequence, stored] : call.store().where(type, "customer", customer))
            if (stored->object.at("default_payment_method") == Json(id) && !is_over(text_at(stored->object, "status")))
                holders.push_back(stored->id);
        for (auto const& holder : holders) {
            auto const before = call.view(type, holder);
            call.edit(type, holder)["default_payment_method"] = nullptr;
            call.emit_change(event, type, holder, before);
        }
    };
    forget_in(object_type::subscription, "customer.subscription.updated", is_terminal);
    forget_in(object_type::invoice, "invoice.updated",
              [](std::string const& status) { return status != "draft" && status != "open"; });
}

Answer<Json> detach(Call& call) {
    auto const& id = call.path_id();
    auto const& method = *TRY(call.need(object_type::payment_method, id));
    if (method.at("customer").is_null())
        return refuse(
            bad_request("The payment method you provided is not attached to a customer so detachment is "
                        "impossible."));
    call.use_clock_of(method);
    auto const customer = std::string(as_view(method.at("customer").get_string()));
    auto const before = call.view(object_type::payment_method, id);
    call.edit(object_type::payment_method, id)["customer"] = nullptr;
    mark_spent(call, id);
    call.emit("payment_method.detached", call.view(object_type::payment_method, id), {{"customer", customer}});
    auto const* payer = call.find("customer", customer);
    if (payer && payer->at("invoice_settings").at("default_payment_method") == Json(id)) {
        auto const payer_before = call.view("customer", customer);
        call.edit("customer", customer)["invoice_settings"].as_object()["default_payment_method"] = nullptr;
        call.emit_change("customer.updated", "customer", customer, payer_before);
    }
    forget_as_default(call, customer, id);
    return call.view(object_type::payment_method, id);
}

Answer<Json> list_of(Call& call, std::string const& customer) {
    TRY(call.need("customer", customer, "customer"));
    return call.list({.type = object_type::payment_method, .index = "customer", .key = customer});
}

}  // namespace

Answer<int> read_expiry_year(Call const& call, int month, int year) {
    auto const refused = [](std::string const& what) {
        ApiError error{402, "card_error", "invalid_expiry_" + what, "Your card's expiration " + what + " is invalid."};
        error.param = "exp_" + what;
        return refuse(std::move(error));
    };
    auto const today = civil_from_days(call.now() / 86'400);
    if (year < 100) year += today.year / 100 * 100;
    if (year < today.year || year > today.year + card_life_years_max) return refused("year");
    if (month < 1 || month > 12 || (year == today.year && month < today.month)) return refused("month");
    return year;
}

Answer<CardDetails> read_card_number(Call const& call, Json const& card) {
    CardDetails details;
    auto number = string_or(card, "number");
    std::erase_if(number, [](char c) { return c == ' ' || c == '-'; });
    if (number.empty()) return refuse(missing_parameter("card[number]"));
    details.card = find_card_by_number(number);
    if (!details.card) return refuse(not_a_test_card());
    details.exp_month = number_at(card, "exp_month", details.exp_month);
    details.exp_year = number_at(card, "exp_year", details.exp_year);
    details.exp_year = TRY(read_expiry_year(call, details.exp_month, details.exp_year));
    return details;
}

std::string create_card_method(Call& call, CardDetails const& details) {
    auto const id = call.new_id(details.id_prefix);
    JsonObject billing{
        {"address", nullptr}, {"email", nullptr}, {"name", nullptr}, {"phone", nullptr}, {"tax_id", nullptr}};
    for (auto const& [key, value] : details.billing_details) billing[key] = value;
    if (!billing["address"].is_object())
        billing["address"] = {{"city", nullptr},  {"country", nullptr},     {"line1", nullptr},
                              {"line2", nullptr}, {"postal_code", nullptr}, {"state", nullptr}};
    call.create(object_type::payment_method, {{"id", id},
                                              {"type", "card"},
                                              {"allow_redisplay", "unspecified"},
                                              {"billing_details", std::move(billing)},
                                              {"card", card_hash(details)},
                                              {"created", call.world().now(root_clock)},
                                              {"metadata", JsonObject{}}});
    return id;
}

Answer<std::string> resolve_payment_method(Call& call, std::string const& id_or_token, std::string_view param) {
    if (auto const* card = find_card_by_token(id_or_token)) return create_card_method(call, {.card = card});
    if (!call.find(object_type::payment_method, id_or_token))
        return refuse(no_such("PaymentMethod", id_or_token, param));
    if (is_spent(call, id_or_token))
        return refuse(
            bad_request("The provided PaymentMethod was previously used with a PaymentIntent without Customer "
                        "attachment, shared with a connected account without Customer attachment, or was detached from "
                        "a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach "
                        "it to a Customer first.",
                        std::string(param)));
    return id_or_token;
}

void mark_spent(Call& call, std::string const& method) {
    call.edit(object_type::payment_method, method)["sandbox_spent"] = true;
}

bool is_spent(Call const& call, std::string const& method) {
    auto const* stored = call.find(object_type::payment_method, method);
    return stored && stored->contains("sandbox_spent") && stored->at("customer").is_null();
}

Answer<void> attach_payment_method(Call& call, std::string const& method, std::string const& customer) {
    call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    auto const& present = *TRY(call.need(object_type::payment_method, method, "payment_method"));
    if (auto const* owner = find(present, "customer"); owner && owner->is_string()) {
        if (owner->get_string() == customer) return {};
        return refuse(bad_request("The payment method you provided has already been attached to a customer."));
    }
    TestCard const& card = card_of(call, method);
    if (card.refuses_attach) return refuse(decline_of(card));
    call.edit(object_type::payment_method, method)["customer"] = customer;
    call.emit_now("payment_method.attached", object_type::payment_method, method);
    return {};
}

TestCard const& card_of(Call& call, std::string_view method) {
    auto const* stored = call.store().find(object_type::payment_method, method);
    CHECK(stored != nullptr);
    auto const* card = find_card_by_fingerprint(as_view(stored->at("card").at("fingerprint").as_string()));
    CHECK(card != nullptr);
    return *card;
}

void mark_set_up(Call& call, std::string const& method) {
    if (!is_set_up(call, method)) call.store().insert(set_up_type, {{"id", method}});
}

bool is_set_up(Call& call, std::string_view method) {
    return call.store().find(set_up_type, method) != nullptr;
}

void mark_authenticated(Call& call, std::string const& method) {
    if (!call.store().find(authenticated_type, method)) call.store().insert(authenticated_type, {{"id", method}});
}

bool take_authentication(Call& call, std::string_view method) {
    if (!call.store().find(authenticated_type, method)) return false;
    call.store().erase(authenticated_type, method);
    return true;
}

void add_payment_methods(World& world) {
    world.store.add_index(object_type::payment_method, "customer");
    auto& registry = world.registry;
    registry.on("POST /v1/payment_methods", create_payment_method);
    registry.on("GET /v1/payment_methods/{id}", [](Call& call) -> Answer<Json> {
        // Whoever reads a test card by its name gets a method of it, a new one each time.
        auto const* card = call.path_id().starts_with("pm_card_") ? find_card_by_token(call.path_id()) : nullptr;
        if (card) return call.view(object_type::payment_method, create_card_method(call, {.card = card}));
        TRY(call.need(object_type::payment_method, call.path_id()));
        return call.view(object_type::payment_method, call.path_id());
    });
    registry.on("POST /v1/payment_methods/{id}", update_payment_method);
    registry.on("POST /v1/payment_methods/{id}/attach", attach);
    registry.on("POST /v1/payment_methods/{id}/detach", detach);
    registry.on("GET /v1/payment_methods", [](Call& call) -> Answer<Json> {
        auto const customer = call.text("customer");
        if (!customer.empty()) return list_of(call, customer);
        return call.list({.type = object_type::payment_method,
                          .keep = [](JsonObject const& each) { return !each.at("customer").is_null(); }});
    });
    registry.on("GET /v1/customers/{id}/payment_methods",
                [](Call& call) -> Answer<Json> { return list_of(call, call.path_id()); });
    registry.on("GET /v1/customers/{customerId}/payment_methods/{id}", [](Call& call) -> Answer<Json> {
        auto const& method = *TRY(call.need(object_type::payment_method, call.path_id()));
        auto const* owner = find(method, "customer");
        if (!owner->is_string() || owner->get_string() != call.path_id("customerId"))
            return refuse(no_such("PaymentMethod", call.path_id()));
        return call.view(object_type::payment_method, call.path_id());
    });
}

}  // namespace billhook::sandbox
