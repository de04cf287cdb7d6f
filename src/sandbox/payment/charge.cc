#include "sandbox/payment/charge.h"

#include "sandbox/billing/fields.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {
namespace {

JsonObject outcome_of(ApiError const* failure) {
    if (!failure)
        return {{"advice_code", nullptr},
                {"network_advice_code", nullptr},
                {"network_decline_code", nullptr},
                {"network_status", "approved_by_network"},
                {"reason", nullptr},
                {"risk_level", "normal"},
                {"risk_score", 10},
                {"seller_message", "Payment complete."},
                {"type", "authorized"}};
    auto const decline = text_at(failure->extra, "decline_code");
    auto const advice = advice_of(failure->code, decline);
    return {{"advice_code", advice.advice_code.empty() ? Json(nullptr) : Json(advice.advice_code)},
            {"network_advice_code", nullptr},
            {"network_decline_code",
             advice.network_decline_code.empty() ? Json(nullptr) : Json(advice.network_decline_code)},
            {"network_status", "declined_by_network"},
            {"reason", decline.empty() ? failure->code : decline},
            {"risk_level", "normal"},
            {"risk_score", 10},
            {"seller_message", "The bank did not return any further details with this decline."},
            {"type", "issuer_declined"}};
}

JsonObject details_of(JsonObject const& method, std::int64_t amount, bool was_challenged) {
    auto const& card = method.at("card").as_object();
    JsonObject shown{{"amount_authorized", amount},
                     {"network", card.at("brand")},
                     {"checks", card.at("checks")},
                     {"three_d_secure", nullptr},
                     {"wallet", card.at("wallet")}};
    for (auto const* name :
         {"brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status"})
        shown[name] = card.at(name);
    if (was_challenged)
        shown["three_d_secure"] = {{"authentication_flow", "challenge"},
                                   {"electronic_commerce_indicator", "05"},
                                   {"exemption_indicator", nullptr},
                                   {"result", "authenticated"},
                                   {"result_reason", nullptr},
                                   {"transaction_id", nullptr},
                                   {"version", "2.2.0"}};
    return {{"type", "card"}, {"card", std::move(shown)}};
}

}  // namespace

Attempt attempt_of(JsonObject const& intent) {
    return {.amount = intent.at("amount").as_int64(),
            .currency = text_at(intent, "currency"),
            .customer = intent.at("customer"),
            .description = intent.at("description"),
            .metadata = intent.at("metadata").as_object(),
            .payment_intent = intent.at("id"),
            .is_captured = intent.at("capture_method") != Json("manual")};
}

std::string create_charge(Call& call, Attempt const& attempt, std::string const& method, ApiError const* failure,
                          bool was_challenged) {
    auto const id = call.new_id("ch_");
    auto const& payment_method = *call.find(object_type::payment_method, method);
    auto const amount = attempt.amount;
    bool const is_captured = !failure && attempt.is_captured;
    JsonObject charge{{"id", id},
                      {"amount", amount},
                      {"amount_captured", is_captured ? amount : 0},
                      {"amount_refunded", 0},
                      {"billing_details", payment_method.at("billing_details")},
                      {"calculated_statement_descriptor", call.world().settings.account_name},
                      {"captured", is_captured},
                      {"created", call.world().now(root_clock)},
                      {"currency", attempt.currency},
                      {"customer", attempt.customer},
                      {"description", attempt.description},
                      {"disputed", false},
                      {"failure_code", failure ? Json(failure->code) : Json(nullptr)},
                      {"failure_message", failure ? Json(failure->message) : Json(nullptr)},
                      {"fraud_details", JsonObject{}},
                      {"metadata", attempt.metadata},
                      {"outcome", outcome_of(failure)},
                      {"paid", !failure},
                      {"payment_intent", attempt.payment_intent},
                      {"payment_method", method},
                      {"payment_method_details", details_of(payment_method, amount, was_challenged)},
                      {"refunded", false},
                      {"status", failure ? "failed" : "succeeded"}};
    if (!failure) charge["receipt_url"] = call.world().settings.public_url + "/receipts/" + id;
    call.create(object_type::charge, std::move(charge));
    call.emit_now(failure ? "charge.failed" : "charge.succeeded", object_type::charge, id);
    return id;
}

void capture_charge(Call& call, std::string const& id, std::int64_t amount) {
    auto& charge = call.edit(object_type::charge, id);
    charge["captured"] = true;
    charge["amount_captured"] = amount;
    call.emit_now("charge.captured", object_type::charge, id);
}

void release_charge(Call& call, std::string const& id) {
    auto& charge = call.edit(object_type::charge, id);
    charge["amount_refunded"] = charge.at("amount");
    charge["refunded"] = true;
    call.emit_now("charge.refunded", object_type::charge, id);
}

void add_charges(World& world) {
    world.store.add_index(object_type::charge, "customer");
    world.store.add_index(object_type::charge, "payment_intent");
    world.registry.on("GET /v1/charges", [](Call& call) {
        ListQuery query{.type = object_type::charge};
        for (auto const* index : {"payment_intent", "customer"})
            if (auto key = call.text(index); !key.empty()) {
                query.index = index;
                query.key = std::move(key);
                break;
            }
        return call.list(query);
    });
    world.registry.on("GET /v1/charges/search", [](Call& call) { return call.search(object_type::charge); });
    world.registry.on("GET /v1/charges/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::charge, call.path_id()));
        return call.view(object_type::charge, call.path_id());
    });
    world.registry.on("POST /v1/charges/{id}", [](Call& call) -> Answer<Json> {
        auto const& id = call.path_id();
        call.use_clock_of(*TRY(call.need(object_type::charge, id)));
        auto const before = call.view(object_type::charge, id);
        auto& charge = call.edit(object_type::charge, id);
        merge_metadata(charge, call.params);
        copy_given(charge, call.params, {"description", "receipt_email", "fraud_details"});
        call.emit_change("charge.updated", object_type::charge, id, before);
        return call.view(object_type::charge, id);
    });
}

}  // namespace billhook::sandbox
