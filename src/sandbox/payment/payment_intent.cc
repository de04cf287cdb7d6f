// Payment intents: from "no card yet" to paid, through the bank's question where the card asks it.

#include <algorithm>

#include "sandbox/billing/fields.h"
#include "sandbox/billing/settlement.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/challenge.h"
#include "sandbox/payment/charge.h"
#include "sandbox/payment/dispute.h"
#include "sandbox/payment/payment.h"
#include "sandbox/payment/payment_method.h"
#include "sandbox/payment/payment_resources.h"
#include "sandbox/resource/currency.h"

namespace billhook::sandbox {
namespace {

ApiError payment_intent_in_unexpected_state(JsonObject const& intent, std::string_view what) {
    return bad_request("You cannot " + std::string(what) + " this PaymentIntent because it has a status of " +
                           text_at(intent, "status") + ".",
                       "", "payment_intent_unexpected_state");
}

JsonObject payment_error(ApiError const& error, std::string const& method, std::string const& charge) {
    JsonObject shown{{"type", error.type}, {"code", error.code}, {"message", error.message}};
    for (auto const& [key, value] : error.extra)
        if (key != "payment_intent" && key != "payment_method" && key != "charge") shown[key] = value;
    if (!charge.empty()) shown["charge"] = charge;
    if (!method.empty()) shown["payment_method"] = method;
    return shown;
}

PaymentOutcome fail_attempt(Call& call, std::string const& id, std::string const& method, ApiError error,
                            bool reaches_card, bool was_challenged) {
    PaymentOutcome outcome{PaymentOutcome::Kind::declined, id, "", std::move(error)};
    auto const& present = *call.find(object_type::payment_intent, id);
    if (reaches_card) {
        outcome.charge = create_charge(call, attempt_of(present), method, &outcome.error, was_challenged);
        if (call.find(object_type::payment_method, method)->at("customer").is_null()) mark_spent(call, method);
    }
    auto& intent = call.edit(object_type::payment_intent, id);
    intent["status"] = "requires_payment_method";
    intent["payment_method"] = nullptr;
    intent["next_action"] = nullptr;
    if (!outcome.charge.empty()) intent["latest_charge"] = outcome.charge;
    intent["last_payment_error"] = payment_error(outcome.error, method, outcome.charge);
    call.emit_now("payment_intent.payment_failed", object_type::payment_intent, id);
    if (!outcome.charge.empty()) outcome.error.extra["charge"] = outcome.charge;
    outcome.error.extra["payment_intent"] = call.view(object_type::payment_intent, id);
    outcome.error.extra["payment_method"] = call.view(object_type::payment_method, method);
    return outcome;
}

/// A method that is not its customer's yet becomes so where the payment said that it is for later too.
void keep_or_spend(Call& call, JsonObject const& intent, std::string const& method) {
    auto const& held = *call.find(object_type::payment_method, method);
    if (held.at("customer").is_string()) return;
    bool const is_for_later = intent.at("setup_future_usage").is_string() && intent.at("customer").is_string();
    // Nothing is charged to a card that cannot be attached.
    if (!is_for_later || !attach_payment_method(call, method, text_at(intent, "customer"))) mark_spent(call, method);
}

PaymentOutcome succeed_payment_intent(Call& call, std::string const& id, std::string const& method,
                                      bool was_challenged) {
    auto const charge =
        create_charge(call, attempt_of(*call.find(object_type::payment_intent, id)), method, nullptr, was_challenged);
    auto& intent = call.edit(object_type::payment_intent, id);
    bool const is_captured = intent.at("capture_method") != Json("manual");
    intent["status"] = is_captured ? "succeeded" : "requires_capture";
    intent["payment_method"] = method;
    intent[is_captured ? "amount_received" : "amount_capturable"] = intent["amount"];
    intent["latest_charge"] = charge;
    intent["last_payment_error"] = nullptr;
    intent["next_action"] = nullptr;
    if (intent.at("setup_future_usage") == Json("off_session")) mark_set_up(call, method);
    keep_or_spend(call, intent, method);
    call.emit_now(is_captured ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated",
                  object_type::payment_intent, id);
    if (is_captured) open_dispute_of_card(call, charge);
    return {PaymentOutcome::Kind::succeeded, id, charge};
}

bool must_ask(Call& call, TestCard const& card, std::string const& method, Presence presence) {
    switch (card.challenge) {
        case Challenge::none:
            return false;
        case Challenge::always:
            return true;
        case Challenge::on_session:
            return presence == Presence::on_session;
        case Challenge::until_set_up:
            return presence == Presence::on_session || !is_set_up(call, method);
    }
    return false;
}

PaymentOutcome ask_holder(Call& call, std::string const& id, std::string const& method, std::string const& return_url) {
    auto& intent = call.edit(object_type::payment_intent, id);
    intent["status"] = "requires_action";
    intent["payment_method"] = method;
    intent["next_action"] = next_action(call, id, return_url);
    call.emit_now("payment_intent.requires_action", object_type::payment_intent, id);
    ApiError error{402, "card_error", "authentication_required",
                   "Your card was declined. This transaction requires authentication."};
    return {PaymentOutcome::Kind::requires_action, id, "", std::move(error)};
}

PaymentOutcome attempt_payment_intent(Call& call, std::string const& id, std::string const& method, Presence presence,
                                      std::string const& return_url) {
    TestCard const& card = card_of(call, method);
    bool const has_answered = take_authentication(call, method);
    if (!has_answered && must_ask(call, card, method, presence)) {
        if (presence == Presence::on_session) return ask_holder(call, id, method, return_url);
        auto outcome = fail_attempt(call, id, method, authentication_required(), true, false);
        outcome.kind = PaymentOutcome::Kind::requires_action;
        return outcome;
    }
    if (!card.code.empty()) return fail_attempt(call, id, method, decline_of(card), true, has_answered);
    return succeed_payment_intent(call, id, method, has_answered);
}

Answer<Json> answer_outcome(Call& call, PaymentOutcome const& outcome, bool is_error_on_action) {
    if (outcome.kind == PaymentOutcome::Kind::declined ||
        (outcome.kind == PaymentOutcome::Kind::requires_action && is_error_on_action)) {
        call.keep_on_refusal = true;
        return refuse(outcome.error);
    }
    return call.view(object_type::payment_intent, outcome.payment_intent);
}

Presence presence_of(Call const& call) {
    auto const* off = find(call.params, "off_session");
    bool const is_off = off && ((off->is_bool() && off->get_bool()) || off->is_string());
    return is_off ? Presence::off_session : Presence::on_session;
}

Answer<void> tell_billing(Call& call, PaymentOutcome const& outcome) {
    if (call.world().on_intent_settled) return call.world().on_intent_settled(call, outcome.payment_intent, outcome);
    return {};
}

/// A customer's method pays for that customer only.
Answer<void> check_owner(Call& call, std::string const& method, std::string const& customer) {
    auto const owner = text_at(*TRY(call.need(object_type::payment_method, method, "payment_method")), "customer");
    if (owner.empty() || owner == customer) return {};
    if (customer.empty())
        return refuse(
            bad_request("The payment method you provided is attached to a customer so for security purposes you must "
                        "provide the customer in the request.",
                        "payment_method"));
    return refuse(bad_request("The customer does not have a payment method with the ID " + method +
                                  ". The payment method must be attached to the customer.",
                              "payment_method"));
}

Answer<Json> answer_confirm_payment_intent(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::payment_intent, id));
    call.use_clock_of(present);
    auto const status = text_at(present, "status");
    if (status != "requires_payment_method" && status != "requires_confirmation" && status != "requires_action")
        return refuse(payment_intent_in_unexpected_state(present, "confirm"));
    auto method = call.text("payment_method");
    if (method.empty() && present.at("payment_method").is_string())
        method = as_view(present.at("payment_method").get_string());
    if (method.empty())
        return refuse(bad_request("You cannot confirm this PaymentIntent because it's missing a payment method.", "",
                                  "payment_intent_unexpected_state"));
    method = TRY(resolve_payment_method(call, method, "payment_method"));
    TRY_VOID(check_owner(call, method, text_at(present, "customer")));
    auto const outcome = attempt_payment_intent(call, id, method, presence_of(call), call.text("return_url"));
    TRY_VOID(tell_billing(call, outcome));
    return answer_outcome(call, outcome, presence_of(call) == Presence::off_session);
}

/// Which methods the payer may choose, and how a card is to be charged.
void set_method_options(Call& call, std::string const& id) {
    auto& intent = call.edit(object_type::payment_intent, id);
    if (auto const* automatic = find(call.params, "automatic_payment_methods"); automatic && automatic->is_object()) {
        intent["automatic_payment_methods"] = *automatic;
        auto& kept = intent["automatic_payment_methods"].as_object();
        if (!kept.contains("allow_redirects")) kept["allow_redirects"] = "always";
    }
    if (auto const* options = find(call.params, "payment_method_options"); options && options->is_object())
        if (auto const* card = find(*options, "card"); card && card->is_object())
            copy_given(intent["payment_method_options"].as_object()["card"].as_object(), card->get_object(),
                       {"capture_method", "request_three_d_secure", "setup_future_usage", "network"});
    call.complete(object_type::payment_intent, intent);
}

Answer<Json> answer_create_payment_intent(Call& call) {
    auto const customer = call.text("customer");
    if (!customer.empty()) call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    auto const amount = int_or(call.params, "amount");
    if (amount <= 0)
        return refuse(
            bad_request("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer"));
    auto const currency = TRY(read_currency(call.text("currency"), "currency"));
    if (auto const least = minimum_charge(currency); amount < least)
        return refuse(
            bad_request("Amount must be at least " + std::to_string(least) + " (minor units) " + currency + ".",
                        "amount", "amount_too_small"));
    auto method = call.text("payment_method");
    if (!method.empty()) {
        method = TRY(resolve_payment_method(call, method, "payment_method"));
        TRY_VOID(check_owner(call, method, customer));
    }
    auto const id =
        create_payment_intent(call, {.amount = amount,
                                     .currency = currency,
                                     .customer = customer,
                                     .description = call.text("description"),
                                     .payment_method = method,
                                     .is_for_future_usage = call.text("setup_future_usage") == "off_session"});
    auto& intent = call.edit(object_type::payment_intent, id);
    merge_metadata(intent, call.params);
    copy_given(intent, call.params,
               {"receipt_email", "statement_descriptor", "statement_descriptor_suffix", "capture_method",
                "confirmation_method", "setup_future_usage", "shipping", "transfer_group",
                "allowed_payment_method_types", "excluded_payment_method_types"});
    set_method_options(call, id);
    if (!bool_or(call.params, "confirm")) return call.view(object_type::payment_intent, id);
    if (method.empty())
        return refuse(bad_request("You cannot confirm this PaymentIntent because it's missing a payment method.", "",
                                  "payment_intent_unexpected_state"));
    return answer_outcome(call, attempt_payment_intent(call, id, method, presence_of(call), call.text("return_url")),
                          presence_of(call) == Presence::off_session);
}

Answer<Json> update_payment_intent(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::payment_intent, id));
    if (text_at(present, "status") == "succeeded" || text_at(present, "status") == "canceled") {
        if (call.params.size() > 1 || !call.params.contains("metadata"))
            return refuse(payment_intent_in_unexpected_state(present, "update"));
    }
    std::string method = call.text("payment_method");
    if (!method.empty()) method = TRY(resolve_payment_method(call, method, "payment_method"));
    auto& intent = call.edit(object_type::payment_intent, id);
    merge_metadata(intent, call.params);
    copy_given(intent, call.params,
               {"amount", "currency", "customer", "description", "receipt_email", "setup_future_usage",
                "statement_descriptor", "statement_descriptor_suffix", "capture_method", "shipping", "transfer_group",
                "allowed_payment_method_types", "excluded_payment_method_types"});
    set_method_options(call, id);
    if (!method.empty()) {
        intent["payment_method"] = method;
        if (text_at(intent, "status") == "requires_payment_method") intent["status"] = "requires_confirmation";
    }
    return call.view(object_type::payment_intent, id);
}

Answer<Json> capture_payment_intent(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::payment_intent, id));
    call.use_clock_of(present);
    if (text_at(present, "status") != "requires_capture")
        return refuse(payment_intent_in_unexpected_state(present, "capture"));
    auto const authorized = present.at("amount_capturable").as_int64();
    auto const amount = int_or(call.params, "amount_to_capture", authorized);
    if (amount < 1 || amount > authorized)
        return refuse(bad_request(
            "The amount to capture must be between 1 and what can be captured (" + std::to_string(authorized) + ").",
            "amount_to_capture", "amount_too_large"));
    capture_charge(call, std::string(as_view(present.at("latest_charge").as_string())), amount);
    auto& intent = call.edit(object_type::payment_intent, id);
    intent["status"] = "succeeded";
    intent["amount_received"] = amount;
    intent["amount_capturable"] = 0;
    merge_metadata(intent, call.params);
    copy_given(intent, call.params, {"statement_descriptor", "statement_descriptor_suffix"});
    call.emit_now("payment_intent.succeeded", object_type::payment_intent, id);
    return call.view(object_type::payment_intent, id);
}

Answer<Json> answer_cancel_payment_intent(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::payment_intent, id));
    call.use_clock_of(present);
    auto const status = text_at(present, "status");
    if (status == "succeeded" || status == "canceled")
        return refuse(payment_intent_in_unexpected_state(present, "cancel"));
    auto const reason = call.text("cancellation_reason");
    cancel_payment_intent(call, id, reason);
    return call.view(object_type::payment_intent, id);
}

}  // namespace

std::string default_payment_method(Call& call, std::string_view subscription_method, std::string_view customer) {
    std::vector<std::string> candidates{std::string(subscription_method)};
    if (auto const* payer = call.find("customer", customer)) {
        candidates.push_back(text_at(*payer, "invoice_settings.default_payment_method"));
        candidates.push_back(text_at(*payer, "default_source"));
    }
    auto const chosen = std::ranges::find_if(
        candidates, [&](std::string const& method) { return !method.empty() && !is_spent(call, method); });
    return chosen == candidates.end() ? std::string{} : *chosen;
}

std::string create_payment_intent(Call& call, NewIntent const& wanted) {
    auto const id = call.new_id("pi_");
    call.create(object_type::payment_intent,
                {{"id", id},
                 {"amount", wanted.amount},
                 {"amount_capturable", 0},
                 {"amount_received", 0},
                 {"automatic_payment_methods", nullptr},
                 {"capture_method", "automatic"},
                 {"client_secret", id + "_secret_" + call.world().random.alphanumeric(24)},
                 {"confirmation_method", "automatic"},
                 {"created", call.world().now(root_clock)},
                 {"currency", wanted.currency},
                 {"customer", wanted.customer.empty() ? Json(nullptr) : Json(wanted.customer)},
                 {"description", wanted.description.empty() ? Json(nullptr) : Json(wanted.description)},
                 {"metadata", JsonObject{}},
                 {"payment_method", wanted.payment_method.empty() ? Json(nullptr) : Json(wanted.payment_method)},
                 {"payment_method_options",
                  {{"card", JsonObject{{"installments", nullptr},
                                       {"mandate_options", nullptr},
                                       {"network", nullptr},
                                       {"request_three_d_secure", "automatic"}}}}},
                 {"payment_method_types", JsonArray{"card"}},
                 {"setup_future_usage", wanted.is_for_future_usage ? Json("off_session") : Json(nullptr)},
                 {"status", wanted.payment_method.empty() ? "requires_payment_method" : "requires_confirmation"}});
    call.emit_now("payment_intent.created", object_type::payment_intent, id);
    return id;
}

PaymentOutcome confirm_payment_intent(Call& call, std::string const& payment_intent, std::string const& payment_method,
                                      Presence presence) {
    if (payment_method.empty()) return {PaymentOutcome::Kind::no_payment_method, payment_intent};
    return attempt_payment_intent(call, payment_intent, payment_method, presence, "");
}

void cancel_payment_intent(Call& call, std::string const& payment_intent, std::string_view reason) {
    auto const& held = *call.find(object_type::payment_intent, payment_intent);
    if (text_at(held, "status") == "requires_capture")
        release_charge(call, std::string(as_view(held.at("latest_charge").as_string())));
    auto& intent = call.edit(object_type::payment_intent, payment_intent);
    intent["amount_capturable"] = 0;
    intent["status"] = "canceled";
    intent["canceled_at"] = call.world().now(root_clock);
    intent["cancellation_reason"] = reason.empty() ? Json(nullptr) : Json(reason);
    intent["next_action"] = nullptr;
    call.emit_now("payment_intent.canceled", object_type::payment_intent, payment_intent);
}

Answer<PaymentOutcome> answer_payment_challenge(Call& call, std::string const& id, bool has_passed) {
    auto const& intent = *TRY(call.need(object_type::payment_intent, id));
    if (text_at(intent, "status") != "requires_action")
        return refuse(payment_intent_in_unexpected_state(intent, "authenticate"));
    call.use_clock_of(intent);
    std::string const method(as_view(intent.at("payment_method").as_string()));
    TestCard const& card = card_of(call, method);
    PaymentOutcome outcome;
    if (!has_passed) {
        ApiError error{402, "card_error", "payment_intent_authentication_failure",
                       "The provided PaymentMethod has failed authentication."};
        outcome = fail_attempt(call, id, method, std::move(error), false, true);
    } else if (!card.code.empty()) {
        outcome = fail_attempt(call, id, method, decline_of(card), true, true);
    } else {
        outcome = succeed_payment_intent(call, id, method, true);
    }
    TRY_VOID(tell_billing(call, outcome));
    return outcome;
}

void add_payment_intents(World& world) {
    world.store.add_index(object_type::payment_intent, "customer");
    auto& registry = world.registry;
    registry.on("POST /v1/payment_intents", answer_create_payment_intent);
    registry.on("GET /v1/payment_intents/search", [](Call& call) { return call.search(object_type::payment_intent); });
    registry.on("GET /v1/payment_intents/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::payment_intent, call.path_id()));
        return call.view(object_type::payment_intent, call.path_id());
    });
    registry.on("POST /v1/payment_intents/{id}", update_payment_intent);
    registry.on("POST /v1/payment_intents/{id}/confirm", answer_confirm_payment_intent);
    registry.on("POST /v1/payment_intents/{id}/cancel", answer_cancel_payment_intent);
    registry.on("POST /v1/payment_intents/{id}/capture", capture_payment_intent);
    registry.on("GET /v1/payment_intents", [](Call& call) {
        auto const customer = call.text("customer");
        if (customer.empty()) return call.list({.type = object_type::payment_intent});
        return call.list({.type = object_type::payment_intent, .index = "customer", .key = customer});
    });
}

}  // namespace billhook::sandbox
