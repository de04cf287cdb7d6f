// Setup intents: a card is kept for later payments, after the bank's question where the card asks it.

#include "sandbox/payment/challenge.h"
#include "sandbox/payment/payment_method.h"
#include "sandbox/payment/payment_resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view type = "setup_intent";

std::string status_of(JsonObject const& intent) {
    return std::string(as_view(intent.at("status").as_string()));
}

ApiError unexpected_state(JsonObject const& intent) {
    return bad_request("This SetupIntent has a status of " + status_of(intent) + ".", "",
                       "setup_intent_unexpected_state");
}

Answer<void> succeed(Call& call, std::string const& id, std::string const& method) {
    auto& intent = call.edit(type, id);
    intent["status"] = "succeeded";
    intent["payment_method"] = method;
    intent["next_action"] = nullptr;
    intent["last_setup_error"] = nullptr;
    mark_set_up(call, method);
    if (auto const& customer = intent.at("customer"); customer.is_string())
        TRY_VOID(attach_payment_method(call, method, std::string(as_view(customer.get_string()))));
    call.emit_now("setup_intent.succeeded", type, id);
    return {};
}

void fail_setup(Call& call, std::string const& id, std::string const& method, ApiError const& error) {
    auto& intent = call.edit(type, id);
    intent["status"] = "requires_payment_method";
    intent["payment_method"] = nullptr;
    intent["next_action"] = nullptr;
    intent["last_setup_error"] = {
        {"type", error.type}, {"code", error.code}, {"message", error.message}, {"payment_method", method}};
    call.emit_now("setup_intent.setup_failed", type, id);
}

Answer<void> attempt(Call& call, std::string const& id, std::string const& method) {
    TestCard const& card = card_of(call, method);
    bool const must_ask = card.challenge == Challenge::always || card.challenge == Challenge::until_set_up;
    if (must_ask) {
        auto& intent = call.edit(type, id);
        intent["status"] = "requires_action";
        intent["payment_method"] = method;
        intent["next_action"] = next_action(call, id, call.text("return_url"));
        call.emit_now("setup_intent.requires_action", type, id);
        return {};
    }
    if (!card.refuses_attach) return succeed(call, id, method);
    auto error = decline_of(card);
    fail_setup(call, id, method, error);
    call.keep_on_refusal = true;
    error.extra["setup_intent"] = call.view(type, id);
    return refuse(std::move(error));
}

Answer<std::string> method_for(Call& call, JsonObject const& intent) {
    auto method = call.text("payment_method");
    if (method.empty() && intent.at("payment_method").is_string())
        method = as_view(intent.at("payment_method").get_string());
    if (method.empty())
        return refuse(bad_request("You cannot confirm this SetupIntent because it's missing a payment method.", "",
                                  "setup_intent_unexpected_state"));
    return resolve_payment_method(call, method, "payment_method");
}

Answer<Json> create(Call& call) {
    auto const customer = call.text("customer");
    if (!customer.empty()) call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    auto method = call.text("payment_method");
    if (!method.empty()) method = TRY(resolve_payment_method(call, method, "payment_method"));
    auto const id = call.new_id("seti_");
    auto const usage = call.text("usage");
    call.create(type, {{"id", id},
                       {"client_secret", id + "_secret_" + call.world().random.alphanumeric(24)},
                       {"created", call.world().clock.now().seconds()},
                       {"customer", customer.empty() ? Json(nullptr) : Json(customer)},
                       {"metadata", JsonObject{}},
                       {"payment_method", method.empty() ? Json(nullptr) : Json(method)},
                       {"payment_method_types", JsonArray{"card"}},
                       {"status", method.empty() ? "requires_payment_method" : "requires_confirmation"},
                       {"usage", usage.empty() ? "off_session" : usage}});
    merge_metadata(call.edit(type, id), call.params);
    call.emit_now("setup_intent.created", type, id);
    if (!bool_or(call.params, "confirm")) return call.view(type, id);
    TRY_VOID(attempt(call, id, TRY(method_for(call, *call.find(type, id)))));
    return call.view(type, id);
}

Answer<Json> confirm(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(type, id));
    call.use_clock_of(present);
    if (status_of(present) == "succeeded" || status_of(present) == "canceled") return refuse(unexpected_state(present));
    TRY_VOID(attempt(call, id, TRY(method_for(call, present))));
    return call.view(type, id);
}

Answer<Json> cancel(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(type, id));
    call.use_clock_of(present);
    if (status_of(present) == "succeeded" || status_of(present) == "canceled") return refuse(unexpected_state(present));
    auto& intent = call.edit(type, id);
    intent["status"] = "canceled";
    intent["next_action"] = nullptr;
    auto const reason = call.text("cancellation_reason");
    intent["cancellation_reason"] = reason.empty() ? Json(nullptr) : Json(reason);
    call.emit_now("setup_intent.canceled", type, id);
    return call.view(type, id);
}

}  // namespace

Answer<void> answer_setup_challenge(Call& call, std::string const& id, bool has_passed) {
    auto const& intent = *TRY(call.need(type, id));
    if (status_of(intent) != "requires_action") return refuse(unexpected_state(intent));
    call.use_clock_of(intent);
    std::string const method(as_view(intent.at("payment_method").as_string()));
    if (has_passed) return succeed(call, id, method);
    fail_setup(call, id, method,
               {402, "invalid_request_error", "setup_intent_authentication_failure",
                "The latest attempt to set up the payment method has failed because authentication failed."});
    return {};
}

void add_setup_intents(World& world) {
    world.store.add_index(type, "customer");
    auto& registry = world.registry;
    registry.on("POST /v1/setup_intents", create);
    registry.on("GET /v1/setup_intents/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(type, call.path_id()));
        return call.view(type, call.path_id());
    });
    registry.on("POST /v1/setup_intents/{id}/confirm", confirm);
    registry.on("POST /v1/setup_intents/{id}/cancel", cancel);
    registry.on("POST /v1/setup_intents/{id}", [](Call& call) -> Answer<Json> {
        auto const& id = call.path_id();
        TRY(call.need(type, id));
        auto method = call.text("payment_method");
        if (!method.empty()) method = TRY(resolve_payment_method(call, method, "payment_method"));
        auto& intent = call.edit(type, id);
        merge_metadata(intent, call.params);
        copy_given(intent, call.params, {"customer", "description"});
        if (!method.empty()) {
            intent["payment_method"] = method;
            if (status_of(intent) == "requires_payment_method") intent["status"] = "requires_confirmation";
        }
        return call.view(type, id);
    });
    registry.on("GET /v1/setup_intents", [](Call& call) {
        auto const customer = call.text("customer");
        if (customer.empty()) return call.list({.type = type});
        return call.list({.type = type, .index = "customer", .key = customer});
    });
}

}  // namespace billhook::sandbox
