// The operations on subscription items: each is a change of its subscription.

#include "sandbox/billing/billing_resources.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/billing/threshold.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/price.h"

namespace billhook::sandbox {
namespace {

Answer<void> check_subscription(Call& call, std::string const& id) {
    auto const status = text_at(*call.find("subscription", id), "status");
    if (is_terminal(status) || status == "incomplete")
        return refuse(bad_request("The items of a subscription with status " + status + " cannot be changed.", "",
                                  "invalid_canceled_subscription_fields"));
    return {};
}

/// Reads one item's parameters as an entry of `items`, and carries the change out.
Answer<void> change_item(Call& call, std::string const& subscription, JsonObject item) {
    call.use_clock_of(*call.find("subscription", subscription));
    TRY_VOID(check_subscription(call, subscription));
    JsonObject params;
    copy_given(params, call.params, {"proration_behavior", "proration_date"});
    params["items"] = JsonArray{Json(std::move(item))};
    auto const change = TRY(read_change(call, subscription, params));
    auto const payment = read_payment_terms(call.params);
    TRY_VOID(carry_out(call, subscription, change, payment));
    rewrite_current_phase(call, subscription);
    return {};
}

JsonObject item_parameters(JsonObject const& params) {
    JsonObject item;
    copy_given(item, params, {"price", "plan", "price_data", "quantity", "discounts", "metadata", "tax_rates"});
    return item;
}

Answer<Json> create_subscription_item(Call& call) {
    auto const subscription = call.text("subscription");
    TRY(call.need("subscription", subscription, "subscription"));
    auto item = item_parameters(call.params);
    if (!item.contains("quantity")) {
        auto const price = call.text("price");
        auto const* stored = price.empty() ? nullptr : call.find("price", price);
        if (!stored || text_at(*stored, "recurring.usage_type") != "metered") item["quantity"] = 1;
    }
    TRY_VOID(change_item(call, subscription, std::move(item)));
    auto const& items = call.store().where(object_type::subscription_item, "subscription", subscription);
    set_item_threshold(call, items.rbegin()->second->id, call.params);
    return call.view(object_type::subscription_item, items.rbegin()->second->id);
}

Answer<Json> update_subscription_item(Call& call) {
    auto const& id = call.path_id();
    auto const& stored = *TRY(call.need(object_type::subscription_item, id));
    auto item = item_parameters(call.params);
    item["id"] = id;
    TRY_VOID(change_item(call, text_at(stored, "subscription"), std::move(item)));
    set_item_threshold(call, id, call.params);
    return call.view(object_type::subscription_item, id);
}

Answer<Json> remove_subscription_item(Call& call) {
    auto const& id = call.path_id();
    auto const& stored = *TRY(call.need(object_type::subscription_item, id));
    TRY_VOID(change_item(call, text_at(stored, "subscription"), {{"id", id}, {"deleted", true}}));
    return call.view(object_type::subscription_item, id);
}

}  // namespace

void add_subscription_items(World& world) {
    world.store.add_index(object_type::subscription_item, "subscription");
    world.views.provide(object_type::subscription_item, "plan", [&world](JsonObject const& item) -> Json {
        auto const* price = world.store.find("price", text_at(item, "price"));
        return price ? Json(plan_of(*price)) : Json(nullptr);
    });
    auto& registry = world.registry;
    registry.on("POST /v1/subscription_items", create_subscription_item);
    registry.on("POST /v1/subscription_items/{id}", update_subscription_item);
    registry.on("DELETE /v1/subscription_items/{id}", remove_subscription_item);
    registry.on("GET /v1/subscription_items/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::subscription_item, call.path_id()));
        return call.view(object_type::subscription_item, call.path_id());
    });
    registry.on("GET /v1/subscription_items", [](Call& call) -> Answer<Json> {
        auto const subscription = call.text("subscription");
        TRY(call.need("subscription", subscription, "subscription"));
        return call.list({.type = object_type::subscription_item,
                          .index = "subscription",
                          .key = subscription,
                          .shows_clock_objects = true});
    });
}

}  // namespace billhook::sandbox
