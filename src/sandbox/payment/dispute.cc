#include "sandbox/payment/dispute.h"

#include "sandbox/core/object_type.h"
#include "sandbox/payment/payment_method.h"
#include "sandbox/payment/payment_resources.h"

namespace billhook::sandbox {
namespace {

// Until then the merchant may answer; the card networks leave between one and three weeks.
constexpr std::int64_t response_seconds = 9 * 86'400;
// What a merchant writes as evidence to choose the end of a dispute in test mode (Stripe, "Testing").
constexpr std::string_view winning = "winning_evidence", losing = "losing_evidence";

std::string status_of_dispute(JsonObject const& dispute) {
    return std::string(as_view(dispute.at("status").as_string()));
}

bool is_inquiry(std::string_view status) {
    return status.starts_with("warning_");
}

bool is_open(std::string_view status) {
    return status.ends_with("needs_response") || status.ends_with("under_review");
}

JsonObject card_details(TestCard const& card, bool asks_only) {
    return {{"type", "card"},
            {"card",
             {{"brand", card.brand},
              {"case_type", asks_only ? "inquiry" : "chargeback"},
              {"network", card.brand},
              {"network_reason_code", card.dispute_reason == "product_not_received" ? "13.1" : "10.4"}}}};
}

void mark_disputed(Call& call, std::string const& charge) {
    auto const before = call.view("charge", charge);
    call.edit("charge", charge)["disputed"] = true;
    call.emit_change("charge.updated", "charge", charge, before);
}

/// The bank's word. The money of a chargeback comes back with a dispute that was won.
void close(Call& call, std::string const& id, bool is_won) {
    auto& dispute = call.edit(object_type::dispute, id);
    bool const only_asked = is_inquiry(status_of_dispute(dispute));
    dispute["status"] = only_asked ? "warning_closed" : is_won ? "won" : "lost";
    dispute["is_charge_refundable"] = only_asked;
    call.unschedule("dispute.respond_by", id);
    if (is_won && !only_asked) call.emit_now("charge.dispute.funds_reinstated", object_type::dispute, id);
    call.emit_now("charge.dispute.closed", object_type::dispute, id);
}

Answer<void> pass_due_date(Call& call, std::string const& id) {
    auto const* dispute = call.find(object_type::dispute, id);
    if (!dispute || !status_of_dispute(*dispute).ends_with("needs_response")) return {};
    call.edit(object_type::dispute, id)["evidence_details"].as_object()["past_due"] = true;
    close(call, id, false);
    return {};
}

Answer<JsonObject const*> need_dispute(Call& call) {
    auto const* dispute = TRY(call.need(object_type::dispute, call.path_id()));
    call.use_clock_of(*TRY(call.need("charge", as_view(dispute->at("charge").as_string()))));
    return dispute;
}

void keep_evidence(JsonObject& dispute, JsonObject const& given) {
    auto& kept = dispute["evidence"].as_object();
    for (auto const& [name, value] : given) kept[name] = value;
    dispute["evidence_details"].as_object()["has_evidence"] = true;
}

/// Sends what was written to the bank, which decides at once where the evidence is one of the test texts.
void submit_dispute(Call& call, std::string const& id) {
    auto& dispute = call.edit(object_type::dispute, id);
    auto& details = dispute["evidence_details"].as_object();
    details["submission_count"] = details["submission_count"].as_int64() + 1;
    details["submission_method"] = "manual";
    dispute["status"] = is_inquiry(status_of_dispute(dispute)) ? "warning_under_review" : "under_review";
}

Answer<Json> update_dispute(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(need_dispute(call));
    auto const* evidence = find(call.params, "evidence");
    if (evidence && !status_of_dispute(present).ends_with("needs_response"))
        return refuse(bad_request("This dispute is already closed, or its evidence has been submitted.", "evidence"));
    auto const before = call.view(object_type::dispute, id);
    auto& dispute = call.edit(object_type::dispute, id);
    merge_metadata(dispute, call.params);
    copy_given(dispute, call.params, {"intended_submission_method"});
    if (evidence) {
        keep_evidence(dispute, evidence->as_object());
        call.complete(object_type::dispute, dispute);
        if (bool_or(call.params, "submit", true)) submit_dispute(call, id);
    }
    call.emit_change("charge.dispute.updated", object_type::dispute, id, before);
    auto const text = evidence ? string_or(*evidence, "uncategorized_text") : std::string{};
    bool const was_submitted = status_of_dispute(*call.find(object_type::dispute, id)).ends_with("under_review");
    if (was_submitted && (text == winning || text == losing)) close(call, id, text == winning);
    return call.view(object_type::dispute, id);
}

Answer<Json> accept(Call& call) {
    auto const& id = call.path_id();
    if (!is_open(status_of_dispute(*TRY(need_dispute(call)))))
        return refuse(bad_request("This dispute is already closed."));
    close(call, id, false);
    return call.view(object_type::dispute, id);
}

Answer<Json> list(Call& call) {
    ListQuery query{.type = object_type::dispute};
    for (auto const* index : {"charge", "payment_intent"})
        if (auto key = call.text(index); !key.empty()) {
            query.index = index;
            query.key = std::move(key);
            break;
        }
    return call.list(query);
}

}  // namespace

void open_dispute_of_card(Call& call, std::string const& charge_id) {
    auto const& charge = *call.find("charge", charge_id);
    TestCard const& card = card_of(call, as_view(charge.at("payment_method").as_string()));
    if (card.dispute_reason.empty()) return;
    bool const asks_only = card.dispute_reason == "inquiry";
    auto const id = call.new_id("du_");
    call.create(object_type::dispute, {{"id", id},
                                       {"amount", charge.at("amount")},
                                       {"balance_transactions", JsonArray{}},
                                       {"charge", charge_id},
                                       {"created", call.world().now(root_clock)},
                                       {"currency", charge.at("currency")},
                                       {"enhanced_eligibility_types", JsonArray{}},
                                       {"evidence", {{"enhanced_evidence", JsonObject{}}}},
                                       {"evidence_details",
                                        {{"due_by", call.now() + response_seconds},
                                         {"enhanced_eligibility", JsonObject{}},
                                         {"has_evidence", false},
                                         {"past_due", false},
                                         {"submission_count", 0},
                                         {"submission_method", "not_submitted"}}},
                                       {"is_charge_refundable", asks_only},
                                       {"metadata", JsonObject{}},
                                       {"payment_intent", charge.at("payment_intent")},
                                       {"payment_method_details", card_details(card, asks_only)},
                                       {"reason", asks_only ? "fraudulent" : card.dispute_reason},
                                       {"status", asks_only ? "warning_needs_response" : "needs_response"}});
    call.emit_now("charge.dispute.created", object_type::dispute, id);
    call.schedule("dispute.respond_by", id, call.now() + response_seconds);
    if (asks_only) return;
    mark_disputed(call, charge_id);
    call.emit_now("charge.dispute.funds_withdrawn", object_type::dispute, id);
}

bool is_charged_back(Call& call, std::string const& charge) {
    for (auto const& [sequence, dispute] : call.store().where(object_type::dispute, "charge", charge)) {
        auto const status = status_of_dispute(dispute->object);
        if (!is_inquiry(status) && status != "won") return true;
    }
    return false;
}

void add_disputes(World& world) {
    world.store.add_index(object_type::dispute, "charge");
    world.store.add_index(object_type::dispute, "payment_intent");
    world.registry.on_due("dispute.respond_by", pass_due_date);
    world.registry.on("GET /v1/disputes", list);
    world.registry.on("GET /v1/disputes/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::dispute, call.path_id()));
        return call.view(object_type::dispute, call.path_id());
    });
    world.registry.on("POST /v1/disputes/{id}", update_dispute);
    world.registry.on("POST /v1/disputes/{id}/close", accept);
}

}  // namespace billhook::sandbox
