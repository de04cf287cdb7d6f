// The operations on subscription items: each is a change of its subscription.

#include "sandbox/billing/billing_resources.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/resource/price.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view type = "subscription_item";

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
    copy_given(item, params, {"price", "plan", "price_data", "quantity", "discounts", "metadata"});
    return item;
}

Answer<Json> create(Call& call) {
    auto const subscription = call.text("subscription");
    TRY(call.need("subscription", subscription, "subscription"));
    auto item = item_parameters(call.params);
    if (!item.contains("quantity")) {
        auto const price = call.text("price");
        auto const* stored = price.empty() ? nullptr : call.find("price", price);
        if (!stored || text_at(*stored, "recurring.usage_type") != "metered") item["quantity"] = 1;
    }
    TRY_VOID(change_item(call, subscription, std::move(item)));
    auto const& items = call.store().where(type, "subscription", subscription);
    return call.view(type, items.rbegin()->second->id);
}

Answer<Json> update(Call& call) {
    auto const& id = call.path_id();
    auto const& stored = *TRY(call.need(type, id));
    auto item = item_parameters(call.params);
    item["id"] = id;
    TRY_VOID(change_item(call, text_at(stored, "subscription"), std::move(item)));
    return call.view(type, id);
}

Answer<Json> remove(Call& call) {
    auto const& id = call.path_id();
    auto const& stored = *TRY(call.need(type, id));
    TRY_VOID(change_item(call, text_at(stored, "subscription"), {{"id", id}, {"deleted", true}}));
    return call.view(type, id);
}

}  // namespace

void add_subscription_items(World& world) {
    world.store.add_index(type, "subscription");
    world.views.provide(type, "plan", [&world](JsonObject const& item) -> Json {
        auto const* price = world.store.find("price", text_at(item, "price"));
        return price ? Json(plan_of(*price)) : Json(nullptr);
    });
    auto& registry = world.registry;
    registry.on("POST /v1/subscription_items", create);
    registry.on("POST /v1/subscription_items/{id}", update);
    registry.on("DELETE /v1/subscription_items/{id}", remove);
    registry.on("GET /v1/subscription_items/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(type, call.path_id()));
        return call.view(type, call.path_id());
    });
    registry.on("GET /v1/subscription_items", [](Call& call) -> Answer<Json> {
        auto const subscription = call.text("subscription");
        TRY(call.need("subscription", subscription, "subscription"));
        return call.list({.type = type, .index = "subscription", .key = subscription, .shows_clock_objects = true});
    });
}

}  // namespace billhook::sandbox
