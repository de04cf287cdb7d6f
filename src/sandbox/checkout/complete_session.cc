#include "sandbox/checkout/complete_session.h"

#include "sandbox/billing/fields.h"
#include "sandbox/checkout/checkout_session.h"
#include "sandbox/checkout/session_discounts.h"
#include "sandbox/core/inner_operation.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/payment.h"
#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {
namespace {

JsonObject wish_of(Call& call, std::string const& session) {
    return call.store().find(object_type::checkout_wish, session)->at("params").as_object();
}

/// A subscription needs a customer; a payment or a setup does only where the session asks for one.
bool needs_customer(Call& call, std::string const& id) {
    auto const& session = *call.find(object_type::checkout_session, id);
    if (text_at(session, "mode") == "subscription" || text_at(session, "customer_creation") == "always") return true;
    return !text_at(wish_of(call, id), "payment_intent_data.setup_future_usage").empty();
}

/// The session's customer, or a new one; empty for a guest.
Answer<std::string> customer_for(Call& call, std::string const& id, Payer const& payer) {
    auto customer = text_at(*call.find(object_type::checkout_session, id), "customer");
    if (!customer.empty()) return customer;
    if (!needs_customer(call, id)) return std::string{};
    JsonObject parameters;
    auto const given = text_at(*call.find(object_type::checkout_session, id), "customer_email");
    auto const email = given.empty() ? payer.email : given;
    if (!email.empty()) parameters["email"] = email;
    if (!payer.name.empty()) parameters["name"] = payer.name;
    return string_or(TRY(perform(call, "POST", "/v1/customers", parameters)), "id");
}

JsonArray subscription_items(Call& call, std::string const& session, JsonArray& one_time) {
    JsonArray items;
    for (auto const& id : call.store().find(object_type::checkout_wish, session)->at("items").as_array()) {
        auto const& line = *call.store().find("item", as_view(id.as_string()));
        JsonObject item{{"price", line.at("price")}};
        if (line.at("quantity").is_int64()) item["quantity"] = line.at("quantity");
        auto const& price = *call.store().find("price", as_view(line.at("price").as_string()));
        (price.at("recurring").is_null() ? one_time : items).push_back(std::move(item));
    }
    return items;
}

Answer<Json> subscribe(Call& call, std::string const& id, std::string const& customer, Payer const& payer) {
    auto const wish = wish_of(call, id);
    JsonArray one_time;
    JsonObject parameters{{"customer", customer},
                          {"items", subscription_items(call, id, one_time)},
                          {"currency", call.find(object_type::checkout_session, id)->at("currency")},
                          {"payment_behavior", "error_if_incomplete"},
                          {"off_session", false}};
    if (!one_time.empty()) parameters["add_invoice_items"] = std::move(one_time);
    if (!payer.payment_method.empty()) parameters["default_payment_method"] = payer.payment_method;
    if (auto const* data = find(wish, "subscription_data"); data && data->is_object())
        for (auto const& [key, value] : data->get_object())
            if (!value.is_null()) parameters[key] = value;
    auto discounts = session_discounts(*call.find(object_type::checkout_session, id));
    if (!discounts.empty()) parameters["discounts"] = std::move(discounts);
    if (auto const* tax = find(wish, "automatic_tax"); tax && tax->is_object()) parameters["automatic_tax"] = *tax;
    return perform(call, "POST", "/v1/subscriptions", parameters);
}

Answer<void> keep_card(Call& call, Payer const& payer, std::string const& customer) {
    if (payer.payment_method.empty()) return {};
    if (!customer.empty()) TRY_VOID(attach_payment_method(call, payer.payment_method, customer));
    mark_set_up(call, payer.payment_method);
    return {};
}

Answer<void> pay_once(Call& call, std::string const& id, std::string const& customer, Payer const& payer) {
    auto const wish = wish_of(call, id);
    auto const amount = amount_due(*call.find(object_type::checkout_session, id));
    if (amount == 0) {
        redeem_session_discounts(call, JsonObject(*call.find(object_type::checkout_session, id)));
        return {};
    }
    auto const currency = text_at(*call.find(object_type::checkout_session, id), "currency");
    auto const intent = create_payment_intent(
        call, {.amount = amount, .currency = currency, .customer = customer, .payment_method = payer.payment_method});
    if (auto const* data = find(wish, "payment_intent_data"); data && data->is_object()) {
        merge_metadata(call.edit("payment_intent", intent), data->get_object());
        copy_given(call.edit("payment_intent", intent), data->get_object(), {"description", "setup_future_usage"});
    }
    if (payer.has_authenticated) mark_authenticated(call, payer.payment_method);
    auto const outcome = confirm_payment_intent(call, intent, payer.payment_method, Presence::on_session);
    if (outcome.kind != PaymentOutcome::Kind::succeeded) return refuse(outcome.error);
    if (!text_at(*call.find("payment_intent", intent), "setup_future_usage").empty())
        TRY_VOID(keep_card(call, payer, customer));
    call.edit(object_type::checkout_session, id)["payment_intent"] = intent;
    redeem_session_discounts(call, JsonObject(*call.find(object_type::checkout_session, id)));
    return {};
}

Answer<void> set_up(Call& call, std::string const& id, std::string const& customer, Payer const& payer) {
    auto const intent = text_at(*call.find(object_type::checkout_session, id), "setup_intent");
    auto& stored = call.edit(object_type::setup_intent, intent);
    stored["status"] = "succeeded";
    stored["payment_method"] = payer.payment_method;
    stored["customer"] = or_null(customer);
    TRY_VOID(keep_card(call, payer, customer));
    call.emit_now("setup_intent.succeeded", object_type::setup_intent, intent);
    return {};
}

Answer<void> carry_out(Call& call, std::string const& id, std::string const& customer, Payer const& payer) {
    auto const mode = text_at(*call.find(object_type::checkout_session, id), "mode");
    if (mode == "setup") return set_up(call, id, customer, payer);
    if (mode == "payment") return pay_once(call, id, customer, payer);
    TRY_VOID(keep_card(call, payer, customer));
    if (payer.has_authenticated) mark_authenticated(call, payer.payment_method);
    auto const subscription = TRY(subscribe(call, id, customer, payer));
    auto& session = call.edit(object_type::checkout_session, id);
    session["subscription"] = string_or(subscription, "id");
    auto const* invoice = find(subscription, "latest_invoice");
    if (invoice && invoice->is_string()) session["invoice"] = *invoice;
    return {};
}

void close(Call& call, std::string const& id, std::string const& customer, Payer const& payer) {
    auto& session = call.edit(object_type::checkout_session, id);
    auto const* stored = call.find("customer", customer);
    auto const& typed = payer.email.empty() ? text_at(session, "customer_email") : payer.email;
    session["status"] = "complete";
    session["url"] = nullptr;
    session["customer"] = or_null(customer);
    if (session["payment_status"] == Json("unpaid")) session["payment_status"] = "paid";
    session["customer_details"] = {{"address", nullptr},
                                   {"business_name", nullptr},
                                   {"email", stored ? stored->at("email") : or_null(typed)},
                                   {"individual_name", nullptr},
                                   {"name", payer.name.empty() ? Json(nullptr) : Json(payer.name)},
                                   {"phone", nullptr},
                                   {"tax_exempt", "none"},
                                   {"tax_ids", JsonArray{}}};
    call.unschedule("checkout.expire", id);
    call.emit_now("checkout.session.completed", object_type::checkout_session, id);
}

}  // namespace

Answer<void> complete_session(Call& call, std::string const& id, Payer const& payer) {
    auto const& session = *TRY(call.need(object_type::checkout_session, id));
    call.use_clock_of(session);
    if (!is_open(session)) return refuse(bad_request("This Checkout Session is no longer open."));
    auto const start = call.mark();
    auto const done = [&]() -> Answer<void> {
        auto const customer = TRY(customer_for(call, id, payer));
        if (!customer.empty()) call.use_clock_of(*call.find("customer", customer));
        if (!payer.promotion_code.empty()) TRY_VOID(discount_session_by_code(call, id, payer.promotion_code));
        TRY_VOID(carry_out(call, id, customer, payer));
        close(call, id, customer, payer);
        return {};
    }();
    if (!done) call.undo(start);
    return done;
}

}  // namespace billhook::sandbox
