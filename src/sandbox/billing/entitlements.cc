#include "sandbox/billing/entitlements.h"

#include <set>

#include "sandbox/billing/fields.h"
#include "sandbox/core/object_type.h"
#include "sandbox/core/views.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view summary_type = "entitlements.active_entitlement_summary";

bool grants_access(JsonObject const& subscription) {
    auto const status = text_at(subscription, "status");
    return status == "active" || status == "trialing";
}

std::set<std::string> wanted_features(Call& call, std::string const& customer) {
    std::set<std::string> features;
    for (auto const& [sequence, subscription] : call.store().where("subscription", "living", customer)) {
        if (!grants_access(subscription->object)) continue;
        for (auto const& [order, item] : call.store().where("subscription_item", "subscription", subscription->id)) {
            for (auto const& feature : array_at(item->object, "sandbox_features"))
                features.emplace(as_view(feature.as_string()));
        }
    }
    return features;
}

JsonObject summary(Call& call, std::string const& customer) {
    JsonArray data;
    auto const& active = call.store().where(object_type::entitlements_active_entitlement, "customer", customer);
    for (auto const& [sequence, entitlement] : active)
        if (data.size() < Views::embedded_max)
            data.push_back(call.view(object_type::entitlements_active_entitlement, entitlement->id));
    return {{"object", summary_type},
            {"customer", customer},
            {"entitlements", Views::list(std::move(data), "/v1/customer/" + customer + "/entitlements",
                                         active.size() > Views::embedded_max)},
            {"livemode", false}};
}

}  // namespace

JsonArray features_of_product(Call& call, std::string_view product) {
    JsonArray features;
    for (auto const& [place, attached] : call.store().where("product_feature", "product", product))
        features.push_back(attached->object.at("entitlement_feature"));
    return features;
}

void refresh_entitlements(Call& call, std::string const& customer) {
    auto const& present = call.store().where(object_type::entitlements_active_entitlement, "customer", customer);
    if (present.empty() && call.store().all("product_feature").empty()) return;
    auto missing = wanted_features(call, customer);
    std::vector<std::string> ended;
    for (auto const& [sequence, entitlement] : present)
        if (missing.erase(text_at(entitlement->object, "feature")) == 0) ended.push_back(entitlement->id);
    if (ended.empty() && missing.empty()) return;
    auto const before = summary(call, customer);
    for (auto const& id : ended) call.remove(object_type::entitlements_active_entitlement, id);
    for (auto const& feature : missing) {
        auto const* described = call.store().find("entitlements.feature", feature);
        call.create(object_type::entitlements_active_entitlement, {{"id", call.new_id("ent_")},
                                                                   {"feature", feature},
                                                                   {"lookup_key", text_at(*described, "lookup_key")},
                                                                   {"sandbox_customer", customer}});
    }
    auto const after = summary(call, customer);
    call.emit("entitlements.active_entitlement_summary.updated", after, previous_attributes(before, after));
}

void add_active_entitlements(World& world) {
    world.store.add_index(object_type::entitlements_active_entitlement, "customer",
                          [](JsonObject const& entitlement) { return text_at(entitlement, "sandbox_customer"); });
    auto& registry = world.registry;
    registry.on("GET /v1/entitlements/active_entitlements", [](Call& call) -> Answer<Json> {
        auto const customer = call.text("customer");
        TRY(call.need("customer", customer, "customer"));
        return call.list({.type = object_type::entitlements_active_entitlement, .index = "customer", .key = customer});
    });
    registry.on("GET /v1/entitlements/active_entitlements/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::entitlements_active_entitlement, call.path_id()));
        return call.view(object_type::entitlements_active_entitlement, call.path_id());
    });
}

}  // namespace billhook::sandbox
