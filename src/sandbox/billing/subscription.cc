// The operations on subscriptions.

#include <algorithm>

#include "sandbox/billing/billing_resources.h"
#include "sandbox/billing/cancellation.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/period_cut.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_create.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/price.h"

namespace billhook::sandbox {
namespace {

Answer<JsonObject const*> need_subscription(Call& call) {
    auto const* subscription = TRY(call.need(object_type::subscription, call.path_id()));
    call.use_clock_of(*subscription);
    return subscription;
}

/// What may still be changed in a state that allows little.
Answer<void> check_changeable(JsonObject const& subscription, JsonObject const& params) {
    auto const status = text_at(subscription, "status");
    bool const is_over = is_terminal(status);
    if (!is_over && status != "incomplete") return {};
    for (auto const& [key, value] : params) {
        std::string_view const name(key.data(), key.size());
        bool const is_allowed =
            name == "metadata" || name == (is_over ? "cancellation_details" : "default_payment_method");
        if (is_allowed) continue;
        if (is_over)
            return refuse(bad_request("A canceled subscription can only update its cancellation_details and metadata.",
                                      std::string(name), "invalid_canceled_subscription_fields"));
        return refuse(
            bad_request("You can only update `metadata` and `default_payment_method` of an incomplete "
                        "subscription.",
                        std::string(name)));
    }
    return {};
}

bool changes_billing(JsonObject const& params) {
    constexpr std::string_view names[] = {"items", "billing_cycle_anchor", "trial_end", "discounts"};
    if (text_at(params, "billing_cycle_anchor.type") == "unchanged" && !params.contains("items") &&
        !params.contains("trial_end") && !params.contains("discounts"))
        return false;
    return std::ranges::any_of(names, [&](std::string_view name) { return params.contains(name); });
}

Answer<void> check_schedule(JsonObject const& subscription, JsonObject const& params) {
    if (text_at(subscription, "schedule").empty()) return {};
    for (auto const* name : {"cancel_at_period_end", "cancel_at"})
        if (params.contains(name))
            return refuse(bad_request("The subscription is managed by the subscription schedule `" +
                                          text_at(subscription, "schedule") +
                                          "`, and updating any cancelation "
                                          "behavior directly is not allowed. Please update the schedule instead.",
                                      name));
    return {};
}

Answer<void> apply_settings_subscription(Call& call, std::string const& id) {
    auto& subscription = call.edit(object_type::subscription, id);
    TRY_VOID(copy_subscription_settings(call, subscription, call.params));
    TRY_VOID(set_cancellation(call, subscription, call.params));
    TRY_VOID(cut_periods(call, id, read_proration_behavior(call.params)));
    if (auto const* pause = find(call.params, "pause_collection")) {
        subscription["pause_collection"] = *pause;
        if (pause->is_object() && !find(*pause, "resumes_at"))
            subscription["pause_collection"].as_object()["resumes_at"] = nullptr;
    }
    return {};
}

Answer<Json> update_subscription(Call& call) {
    auto const& id = call.path_id();
    auto const& subscription = *TRY(need_subscription(call));
    TRY_VOID(check_changeable(subscription, call.params));
    TRY_VOID(check_schedule(subscription, call.params));
    auto const payment = read_payment_terms(call.params);
    if (payment.behavior == PaymentBehavior::pending_if_incomplete) {
        TRY_VOID(check_pending_parameters(call.params));
        if (text_at(subscription, "collection_method") != "charge_automatically")
            return refuse(bad_request("`pending_if_incomplete` needs collection_method=charge_automatically.",
                                      "payment_behavior"));
    }
    auto const before = call.view(object_type::subscription, id);
    JsonObject pending_metadata;
    if (payment.behavior == PaymentBehavior::pending_if_incomplete && call.has("metadata") &&
        changes_billing(call.params)) {
        pending_metadata["metadata"] = call.params.at("metadata");
        call.params.erase("metadata");
    }
    TRY_VOID(apply_settings_subscription(call, id));
    std::vector<std::string> one_off_items;
    for (auto const& entry : array_at(call.params, "add_invoice_items"))
        one_off_items.push_back(TRY(create_item_beside(
            call, id, entry.as_object(), "add_invoice_items[" + std::to_string(one_off_items.size()) + "]")));
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    if (changes_billing(call.params)) {
        auto change = TRY(read_change(call, id, call.params));
        change.one_off_items = std::move(one_off_items);
        TRY_VOID(carry_out(call, id, change, payment, pending_metadata));
        rewrite_current_phase(call, id);
    }
    follow_up(call, id);
    return call.view(object_type::subscription, id);
}

Answer<Json> answer_cancel_subscription(Call& call) {
    auto const& id = call.path_id();
    auto const& subscription = *TRY(need_subscription(call));
    if (is_terminal(text_at(subscription, "status"))) return refuse(no_such(object_type::subscription, id));
    if (auto const* details = find(call.params, "cancellation_details"); details && details->is_object())
        copy_given(call.edit(object_type::subscription, id)["cancellation_details"].as_object(), details->get_object(),
                   {"comment", "feedback"});
    cancel_subscription(
        call, id, {.prorates = bool_at(call.params, "prorate"), .invoices_now = bool_at(call.params, "invoice_now")});
    return call.view(object_type::subscription, id);
}

Answer<Json> migrate(Call& call) {
    auto const& id = call.path_id();
    auto const& subscription = *TRY(need_subscription(call));
    if (text_at(subscription, "billing_mode.type") == "flexible")
        return refuse(bad_request("The subscription is already in flexible billing mode.", "billing_mode[type]"));
    auto const before = call.view(object_type::subscription, id);
    auto discounts = call.text("billing_mode.flexible.proration_discounts");
    call.edit(object_type::subscription, id)["billing_mode"] = {
        {"type", "flexible"},
        {"flexible", {{"proration_discounts", discounts.empty() ? std::string("included") : discounts}}},
        {"updated_at", call.now()}};
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    return call.view(object_type::subscription, id);
}

bool has_wanted_status(JsonObject const& subscription, std::string const& wanted) {
    auto const status = text_at(subscription, "status");
    if (wanted.empty()) return status != "canceled";
    if (wanted == "all") return true;
    if (wanted == "ended") return is_terminal(status);
    return status == wanted;
}

Answer<Json> list_subscriptions(Call& call) {
    ListQuery query{.type = object_type::subscription};
    auto const customer = call.text("customer"), clock = call.text("test_clock");
    if (!customer.empty()) TRY(call.need("customer", customer, "customer"));
    if (!customer.empty()) {
        query.index = "customer";
        query.key = customer;
    } else if (!clock.empty()) {
        query.index = "test_clock";
        query.key = clock;
    }
    auto price = call.text("price");
    if (price.empty()) price = call.text("plan");
    query.keep = [&, price](JsonObject const& subscription) {
        if (!has_wanted_status(subscription, call.text("status"))) return false;
        auto const method = call.text("collection_method");
        if (!method.empty() && text_at(subscription, "collection_method") != method) return false;
        if (price.empty()) return true;
        return std::ranges::any_of(call.store().where("subscription_item", "subscription", text_at(subscription, "id")),
                                   [&](auto const& entry) { return text_at(entry.second->object, "price") == price; });
    };
    return call.list(query);
}

Json embedded_items(World& world, JsonObject const& subscription) {
    auto data = world.views.scratch_array();
    auto const id = text_at(subscription, "id");
    auto const items = world.store.where("subscription_item", "subscription", id);
    for (auto const& [sequence, item] : items)
        if (data.size() < Views::embedded_max) data.push_back(world.views.render("subscription_item", item->object));
    return Views::list(std::move(data), "/v1/subscription_items?subscription=" + id,
                       items.size() > Views::embedded_max);
}

void end_all_of(Call& call, std::string const& customer) {
    std::vector<std::string> ids;
    for (auto const& [sequence, subscription] : call.store().where(object_type::subscription, "living", customer))
        ids.push_back(subscription->id);
    for (auto const& id : ids) cancel_subscription(call, id, {});
}

void add_seams(World& world) {
    world.store.add_index(object_type::subscription, "customer");
    world.store.add_index(object_type::subscription, "living", [](JsonObject const& subscription) {
        return is_terminal(text_at(subscription, "status")) ? std::string{} : text_at(subscription, "customer");
    });
    world.views.provide(object_type::subscription, "items",
                        [&world](JsonObject const& stored) { return embedded_items(world, stored); });
    // Shown until it has done its work.
    world.views.provide(object_type::subscription, "pending_setup_intent",
                        [&world](JsonObject const& subscription) -> Json {
                            auto const id = text_at(subscription, "pending_setup_intent");
                            auto const* intent = id.empty() ? nullptr : world.store.find("setup_intent", id);
                            auto const status = intent ? text_at(*intent, "status") : "canceled";
                            return status == "succeeded" || status == "canceled" ? Json(nullptr) : Json(id);
                        });
    world.views.provide("customer", "subscriptions", [&world](JsonObject const& customer) -> Json {
        auto data = world.views.scratch_array();
        auto const id = text_at(customer, "id");
        for (auto const& [sequence, subscription] : world.store.where(object_type::subscription, "living", id))
            data.insert(data.begin(), world.views.render(object_type::subscription, subscription->object));
        return Views::list(std::move(data), "/v1/customers/" + id + "/subscriptions");
    });
    world.end_subscriptions = end_all_of;
}

}  // namespace

void add_subscriptions(World& world) {
    add_seams(world);
    auto& registry = world.registry;
    registry.on("POST /v1/subscriptions", [](Call& call) -> Answer<Json> {
        return call.view(object_type::subscription, TRY(create_subscription(call, call.params)));
    });
    registry.on("GET /v1/subscriptions/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::subscription, call.path_id()));
        return call.view(object_type::subscription, call.path_id());
    });
    registry.on("POST /v1/subscriptions/{id}", update_subscription);
    registry.on("DELETE /v1/subscriptions/{id}", answer_cancel_subscription);
    registry.on("POST /v1/subscriptions/{id}/migrate", migrate);
    registry.on("GET /v1/subscriptions", list_subscriptions);
    registry.on("GET /v1/customers/{id}/subscriptions", [](Call& call) {
        call.params["customer"] = call.path_id();
        return list_subscriptions(call);
    });
    registry.on("GET /v1/subscriptions/search", [](Call& call) { return call.search(object_type::subscription); });
    registry.on("DELETE /v1/subscriptions/{id}/discount", [](Call& call) -> Answer<Json> {
        auto const& subscription = *TRY(need_subscription(call));
        auto const discounts = array_at(subscription, "discounts");
        if (discounts.empty()) return refuse(no_such("discount", call.path_id()));
        auto const before = call.view(object_type::subscription, call.path_id());
        call.edit(object_type::subscription, call.path_id())["discounts"] = JsonArray{};
        call.emit_change("customer.subscription.updated", object_type::subscription, call.path_id(), before);
        auto gone = call.view("discount", as_view(discounts.front().as_string()));
        gone["deleted"] = true;
        gone.erase("end");
        return gone;
    });
}

}  // namespace billhook::sandbox
