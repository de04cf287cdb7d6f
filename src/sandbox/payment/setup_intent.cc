// Setup intents: a card is kept for later payments, after the bank's question where the card asks it.

#include "sandbox/billing/fields.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/challenge.h"
#include "sandbox/payment/payment_method.h"
#include "sandbox/payment/payment_resources.h"

namespace billhook::sandbox {
namespace {

ApiError setup_intent_in_unexpected_state(JsonObject const& intent) {
    return bad_request("This SetupIntent has a status of " + text_at(intent, "status") + ".", "",
                       "setup_intent_unexpected_state");
}

Answer<void> succeed_setup_intent(Call& call, std::string const& id, std::string const& method) {
    auto& intent = call.edit(object_type::setup_intent, id);
    intent["status"] = "succeeded";
    intent["payment_method"] = method;
    intent["next_action"] = nullptr;
    intent["last_setup_error"] = nullptr;
    mark_set_up(call, method);
    if (auto const& customer = intent.at("customer"); customer.is_string())
        TRY_VOID(attach_payment_method(call, method, std::string(as_view(customer.get_string()))));
    call.emit_now("setup_intent.succeeded", object_type::setup_intent, id);
    return {};
}

void fail_setup(Call& call, std::string const& id, std::string const& method, ApiError const& error) {
    auto& intent = call.edit(object_type::setup_intent, id);
    intent["status"] = "requires_payment_method";
    intent["payment_method"] = nullptr;
    intent["next_action"] = nullptr;
    intent["last_setup_error"] = {
        {"type", error.type}, {"code", error.code}, {"message", error.message}, {"payment_method", method}};
    call.emit_now("setup_intent.setup_failed", object_type::setup_intent, id);
}

Answer<void> attempt_setup_intent(Call& call, std::string const& id, std::string const& method) {
    TestCard const& card = card_of(call, method);
    bool const must_ask = card.challenge == Challenge::always || card.challenge == Challenge::until_set_up;
    if (must_ask) {
        auto& intent = call.edit(object_type::setup_intent, id);
        intent["status"] = "requires_action";
        intent["payment_method"] = method;
        intent["next_action"] = next_action(call, id, call.text("return_url"));
        call.emit_now("setup_intent.requires_action", object_type::setup_intent, id);
        return {};
    }
    if (!card.refuses_attach) return succeed_setup_intent(call, id, method);
    auto error = decline_of(card);
    fail_setup(call, id, method, error);
    call.keep_on_refusal = true;
    error.extra["setup_intent"] = call.view(object_type::setup_intent, id);
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

Answer<Json> create_setup_intent(Call& call) {
    auto const customer = call.text("customer");
    if (!customer.empty()) call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    auto method = call.text("payment_method");
    if (!method.empty()) method = TRY(resolve_payment_method(call, method, "payment_method"));
    auto const id = call.new_id("seti_");
    auto const usage = call.text("usage");
    call.create(object_type::setup_intent,
                {{"id", id},
                 {"client_secret", id + "_secret_" + call.world().random.alphanumeric(24)},
                 {"created", call.world().now(root_clock)},
                 {"customer", customer.empty() ? Json(nullptr) : Json(customer)},
                 {"metadata", JsonObject{}},
                 {"payment_method", method.empty() ? Json(nullptr) : Json(method)},
                 {"payment_method_types", JsonArray{"card"}},
                 {"status", method.empty() ? "requires_payment_method" : "requires_confirmation"},
                 {"usage", usage.empty() ? "off_session" : usage}});
    merge_metadata(call.edit(object_type::setup_intent, id), call.params);
    copy_given(call.edit(object_type::setup_intent, id), call.params,
               {"description", "on_behalf_of", "allowed_payment_method_types", "excluded_payment_method_types",
                "flow_directions", "automatic_payment_methods"});
    call.emit_now("setup_intent.created", object_type::setup_intent, id);
    if (!bool_or(call.params, "confirm")) return call.view(object_type::setup_intent, id);
    TRY_VOID(attempt_setup_intent(call, id, TRY(method_for(call, *call.find(object_type::setup_intent, id)))));
    return call.view(object_type::setup_intent, id);
}

Answer<Json> confirm_setup_intent(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::setup_intent, id));
    call.use_clock_of(present);
    if (text_at(present, "status") == "succeeded" || text_at(present, "status") == "canceled")
        return refuse(setup_intent_in_unexpected_state(present));
    TRY_VOID(attempt_setup_intent(call, id, TRY(method_for(call, present))));
    return call.view(object_type::setup_intent, id);
}

Answer<Json> cancel_setup_intent(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::setup_intent, id));
    call.use_clock_of(present);
    if (text_at(present, "status") == "succeeded" || text_at(present, "status") == "canceled")
        return refuse(setup_intent_in_unexpected_state(present));
    auto& intent = call.edit(object_type::setup_intent, id);
    intent["status"] = "canceled";
    intent["next_action"] = nullptr;
    auto const reason = call.text("cancellation_reason");
    intent["cancellation_reason"] = reason.empty() ? Json(nullptr) : Json(reason);
    call.emit_now("setup_intent.canceled", object_type::setup_intent, id);
    return call.view(object_type::setup_intent, id);
}

}  // namespace

Answer<void> answer_setup_challenge(Call& call, std::string const& id, bool has_passed) {
    auto const& intent = *TRY(call.need(object_type::setup_intent, id));
    if (text_at(intent, "status") != "requires_action") return refuse(setup_intent_in_unexpected_state(intent));
    call.use_clock_of(intent);
    std::string const method(as_view(intent.at("payment_method").as_string()));
    if (has_passed) return succeed_setup_intent(call, id, method);
    fail_setup(call, id, method,
               {402, "invalid_request_error", "setup_intent_authentication_failure",
                "The latest attempt to set up the payment method has failed because authentication failed."});
    return {};
}

void add_setup_intents(World& world) {
    world.store.add_index(object_type::setup_intent, "customer");
    auto& registry = world.registry;
    registry.on("POST /v1/setup_intents", create_setup_intent);
    registry.on("GET /v1/setup_intents/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::setup_intent, call.path_id()));
        return call.view(object_type::setup_intent, call.path_id());
    });
    registry.on("POST /v1/setup_intents/{id}/confirm", confirm_setup_intent);
    registry.on("POST /v1/setup_intents/{id}/cancel", cancel_setup_intent);
    registry.on("POST /v1/setup_intents/{id}", [](Call& call) -> Answer<Json> {
        auto const& id = call.path_id();
        TRY(call.need(object_type::setup_intent, id));
        auto method = call.text("payment_method");
        if (!method.empty()) method = TRY(resolve_payment_method(call, method, "payment_method"));
        auto& intent = call.edit(object_type::setup_intent, id);
        merge_metadata(intent, call.params);
        copy_given(intent, call.params,
                   {"customer", "description", "allowed_payment_method_types", "excluded_payment_method_types",
                    "flow_directions"});
        if (!method.empty()) {
            intent["payment_method"] = method;
            if (text_at(intent, "status") == "requires_payment_method") intent["status"] = "requires_confirmation";
        }
        return call.view(object_type::setup_intent, id);
    });
    registry.on("GET /v1/setup_intents", [](Call& call) {
        auto const customer = call.text("customer");
        if (customer.empty()) return call.list({.type = object_type::setup_intent});
        return call.list({.type = object_type::setup_intent, .index = "customer", .key = customer});
    });
}

}  // namespace billhook::sandbox
