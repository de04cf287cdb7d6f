#include "sandbox/payment/card_source.h"

#include <algorithm>

#include "sandbox/core/object_type.h"
#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {
namespace {

// Sources write the brands as people do.
std::string_view brand_name(std::string_view brand) {
    static constexpr std::pair<std::string_view, std::string_view> names[] = {
        {"visa", "Visa"},         {"mastercard", "MasterCard"}, {"amex", "American Express"},
        {"discover", "Discover"}, {"diners", "Diners Club"},    {"jcb", "JCB"},
        {"unionpay", "UnionPay"}};
    auto const* found = std::ranges::find(names, brand, [](auto const& pair) { return pair.first; });
    return found == std::end(names) ? brand : found->second;
}

void create_card(Call& call, std::string const& id, std::string const& customer) {
    auto const& method = *call.find(object_type::payment_method, id);
    auto const& card = method.at("card").as_object();
    call.create(object_type::card, {{"id", id},
                                    {"brand", brand_name(as_view(card.at("brand").as_string()))},
                                    {"country", card.at("country")},
                                    {"customer", customer.empty() ? Json(nullptr) : Json(customer)},
                                    {"exp_month", card.at("exp_month")},
                                    {"exp_year", card.at("exp_year")},
                                    {"fingerprint", card.at("fingerprint")},
                                    {"funding", card.at("funding")},
                                    {"last4", card.at("last4")},
                                    {"metadata", JsonObject{}},
                                    {"regulated_status", card.at("regulated_status")}});
}

Answer<Json> create_token(Call& call) {
    auto const* card = find(call.params, "card");
    if (!card || !card->is_object())
        return refuse(
            bad_request("The sandbox makes tokens of cards: give card[number], card[exp_month], "
                        "card[exp_year] and card[cvc].",
                        "card"));
    auto details = TRY(read_card_number(call, *card));
    details.id_prefix = "card_";
    auto const id = create_card_method(call, details);
    create_card(call, id, "");
    auto& kept = call.edit(object_type::card, id);
    copy_given(
        kept, card->get_object(),
        {"name", "address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip"});
    auto const token = call.new_id("tok_");
    call.create(
        object_type::token,
        {{"id", token}, {"card", id}, {"created", call.world().now(root_clock)}, {"type", "card"}, {"used", false}});
    return call.view(object_type::token, token);
}

Answer<JsonObject const*> need_card(Call& call) {
    auto const& customer = call.path_id("customerId");
    call.use_clock_of(*TRY(call.need("customer", customer)));
    auto const* card = call.find(object_type::card, call.path_id());
    if (!card || card->at("customer") != Json(customer)) return refuse(no_such("source", call.path_id()));
    return card;
}

Answer<Json> create_card_source(Call& call) {
    auto const& customer = call.path_id();
    TRY(call.need("customer", customer));
    auto const before = call.view("customer", customer);
    auto const id = TRY(add_card_source(call, customer, call.text("source"), "source"));
    merge_metadata(call.edit(object_type::card, id), call.params);
    call.emit_change("customer.updated", "customer", customer, before);
    return call.view(object_type::card, id);
}

Answer<Json> update_card_source(Call& call) {
    TRY(need_card(call));
    auto const& id = call.path_id();
    auto const before = call.view(object_type::card, id);
    auto& card = call.edit(object_type::card, id);
    merge_metadata(card, call.params);
    copy_given(
        card, call.params,
        {"name", "address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip"});
    call.emit_change("customer.source.updated", object_type::card, id, before);
    return call.view(object_type::card, id);
}

Answer<Json> remove(Call& call) {
    TRY(need_card(call));
    auto const id = call.path_id(), customer = call.path_id("customerId");
    auto const last = call.view(object_type::card, id);
    auto const payer_before = call.view("customer", customer);
    auto stub = call.remove(object_type::card, id);
    call.edit(object_type::payment_method, id)["customer"] = nullptr;
    mark_spent(call, id);
    call.emit("customer.source.deleted", last);
    if (call.find("customer", customer)->at("default_source") == Json(id)) {
        auto const& left = call.store().where(object_type::card, "customer", customer);
        call.edit("customer", customer)["default_source"] =
            left.empty() ? Json(nullptr) : Json(left.begin()->second->id);
    }
    call.emit_change("customer.updated", "customer", customer, payer_before);
    return stub;
}

}  // namespace

Answer<std::string> add_card_source(Call& call, std::string const& customer, std::string const& token,
                                    std::string_view param) {
    call.use_clock_of(*TRY(call.need("customer", customer)));
    auto id = TRY(take_card_token(call, token, param));
    TRY_VOID(attach_payment_method(call, id, customer));
    if (call.find(object_type::card, id))
        call.edit(object_type::card, id)["customer"] = customer;
    else
        create_card(call, id, customer);
    auto& payer = call.edit("customer", customer);
    if (!payer["default_source"].is_string()) payer["default_source"] = id;
    call.emit_now("customer.source.created", object_type::card, id);
    return id;
}

Answer<std::string> take_card_token(Call& call, std::string const& token, std::string_view param) {
    auto const* made = call.find(object_type::token, token);
    if (!made) {
        auto const* card = token.starts_with("tok_") ? find_card_by_token(token) : nullptr;
        if (!card) return refuse(no_such("token", token, param));
        return create_card_method(call, {.card = card, .id_prefix = "card_"});
    }
    if (made->at("used").as_bool())
        return refuse(bad_request("You cannot use a Stripe token more than once: " + token + ".", std::string(param),
                                  "token_already_used"));
    call.edit(object_type::token, token)["used"] = true;
    return std::string(as_view(made->at("card").as_string()));
}

void add_card_sources(World& world) {
    world.store.add_index(object_type::card, "customer");
    world.views.provide("customer", "sources", [&world](JsonObject const& customer) -> Json {
        std::string const id(as_view(customer.at("id").as_string()));
        JsonArray cards;
        for (auto const& [sequence, card] : world.store.where(object_type::card, "customer", id))
            cards.push_back(world.views.render(object_type::card, card->object));
        return Views::list(std::move(cards), "/v1/customers/" + id + "/sources");
    });
    auto& registry = world.registry;
    registry.on("POST /v1/customers/{id}/sources", create_card_source);
    registry.on("GET /v1/customers/{id}/sources", [](Call& call) -> Answer<Json> {
        TRY(call.need("customer", call.path_id()));
        return call.list({.type = object_type::card, .index = "customer", .key = call.path_id()});
    });
    registry.on("GET /v1/customers/{customerId}/sources/{id}", [](Call& call) -> Answer<Json> {
        TRY(need_card(call));
        return call.view(object_type::card, call.path_id());
    });
    registry.on("POST /v1/customers/{customerId}/sources/{id}", update_card_source);
    registry.on("DELETE /v1/customers/{customerId}/sources/{id}", remove);
    registry.on("POST /v1/tokens", create_token);
    registry.on("GET /v1/tokens/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::token, call.path_id()));
        return call.view(object_type::token, call.path_id());
    });
}

}  // namespace billhook::sandbox
