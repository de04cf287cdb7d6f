// Refunds: money goes back to the card. They touch neither subscription nor invoice.

#include "sandbox/core/object_type.h"
#include "sandbox/payment/dispute.h"
#include "sandbox/payment/payment_method.h"
#include "sandbox/payment/payment_resources.h"

namespace billhook::sandbox {
namespace {

Answer<std::string> charge_to_refund(Call& call) {
    if (auto charge = call.text("charge"); !charge.empty()) {
        TRY(call.need("charge", charge, "charge"));
        return charge;
    }
    auto const intent = call.text("payment_intent");
    if (intent.empty())
        return refuse(
            bad_request("One of the following params should be provided for this request: payment_intent or "
                        "charge.",
                        "", "parameter_missing"));
    auto const& present = *TRY(call.need("payment_intent", intent, "payment_intent"));
    if (!present.at("latest_charge").is_string())
        return refuse(bad_request("This PaymentIntent (" + intent + ") does not have a successful charge to refund.",
                                  "payment_intent"));
    return std::string(as_view(present.at("latest_charge").get_string()));
}

Answer<std::int64_t> amount_to_refund(Call& call, JsonObject const& charge) {
    auto const left = charge.at("amount_captured").as_int64() - charge.at("amount_refunded").as_int64();
    auto const id = std::string(as_view(charge.at("id").as_string()));
    if (!charge.at("paid").as_bool())
        return refuse(bad_request("Charge " + id + " has not been captured, so it cannot be refunded.", "charge"));
    if (is_charged_back(call, id))
        return refuse(bad_request("Charge " + id + " has been charged back; cannot issue a refund.", "charge",
                                  "charge_disputed"));
    if (left == 0)
        return refuse(bad_request("Charge " + id + " has already been refunded.", "", "charge_already_refunded"));
    auto const wanted = int_or(call.params, "amount", left);
    if (wanted <= 0)
        return refuse(
            bad_request("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer"));
    if (wanted > left)
        return refuse(bad_request("Refund amount is greater than unrefunded amount on charge.", "amount"));
    return wanted;
}

std::string status_for(Call& call, JsonObject const& charge) {
    TestCard const& card = card_of(call, as_view(charge.at("payment_method").as_string()));
    return card.refund_effect == "pending" ? "pending" : "succeeded";
}

Answer<Json> create_refund(Call& call) {
    auto const charge_id = TRY(charge_to_refund(call));
    auto const& charge = *call.find("charge", charge_id);
    call.use_clock_of(charge);
    auto const amount = TRY(amount_to_refund(call, charge));
    auto const id = call.new_id("re_");
    auto const reason = call.text("reason");
    call.create(object_type::refund, {{"id", id},
                                      {"amount", amount},
                                      {"charge", charge_id},
                                      {"created", call.world().now(root_clock)},
                                      {"currency", charge.at("currency")},
                                      {"metadata", JsonObject{}},
                                      {"payment_intent", charge.at("payment_intent")},
                                      {"reason", reason.empty() ? Json(nullptr) : Json(reason)},
                                      {"status", status_for(call, charge)}});
    merge_metadata(call.edit(object_type::refund, id), call.params);
    auto& refunded = call.edit("charge", charge_id);
    refunded["amount_refunded"] = refunded["amount_refunded"].as_int64() + amount;
    refunded["refunded"] = refunded["amount_refunded"] == refunded["amount_captured"];
    call.emit_now("refund.created", object_type::refund, id);
    call.emit_now("charge.refunded", "charge", charge_id);
    TestCard const& card = card_of(call, as_view(charge.at("payment_method").as_string()));
    if (!card.refund_effect.empty()) call.schedule("refund.settle", id, call.now() + 60);
    return call.view(object_type::refund, id);
}

/// The bank's later word: a pending refund arrives, or one that seemed to arrive comes back.
Answer<void> settle_refund(Call& call, std::string const& id) {
    auto const before = call.view(object_type::refund, id);
    auto& refund = call.edit(object_type::refund, id);
    if (refund.at("status") == Json("pending")) {
        refund["status"] = "succeeded";
    } else {
        refund["status"] = "failed";
        refund["failure_reason"] = "unknown";
        auto& charge = call.edit("charge", as_view(refund.at("charge").as_string()));
        charge["amount_refunded"] = charge["amount_refunded"].as_int64() - refund.at("amount").as_int64();
        charge["refunded"] = false;
        call.emit_now("refund.failed", object_type::refund, id);
    }
    call.emit_change("refund.updated", object_type::refund, id, before);
    call.emit_change("charge.refund.updated", object_type::refund, id, before);
    return {};
}

/// Only a refund that waits for its payer can be called off; a card never makes one wait so.
Answer<Json> cancel_refund(Call& call) {
    auto const& refund = *TRY(call.need(object_type::refund, call.path_id()));
    return refuse(bad_request("You cannot cancel this refund because it has a status of " +
                                  string_or(refund, "status") +
                                  ". Only refunds with a status of requires_action can be canceled.",
                              "", "charge_not_refundable"));
}

}  // namespace

void add_refunds(World& world) {
    world.store.add_index(object_type::refund, "charge");
    world.store.add_index(object_type::refund, "payment_intent");
    world.registry.on_due("refund.settle", settle_refund);
    world.registry.on("POST /v1/refunds", create_refund);
    world.registry.on("GET /v1/refunds/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::refund, call.path_id()));
        return call.view(object_type::refund, call.path_id());
    });
    world.registry.on("POST /v1/refunds/{id}", [](Call& call) -> Answer<Json> {
        auto const& id = call.path_id();
        TRY(call.need(object_type::refund, id));
        auto const before = call.view(object_type::refund, id);
        merge_metadata(call.edit(object_type::refund, id), call.params);
        call.emit_change("refund.updated", object_type::refund, id, before);
        call.emit_change("charge.refund.updated", object_type::refund, id, before);
        return call.view(object_type::refund, id);
    });
    world.registry.on("POST /v1/refunds/{id}/cancel", cancel_refund);
    world.registry.on("GET /v1/refunds", [](Call& call) {
        ListQuery query{.type = object_type::refund};
        for (auto const* index : {"charge", "payment_intent"})
            if (auto key = call.text(index); !key.empty()) {
                query.index = index;
                query.key = std::move(key);
                break;
            }
        return call.list(query);
    });
}

}  // namespace billhook::sandbox
