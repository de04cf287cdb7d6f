// Features, and which products bring them. What a customer is entitled to follows from them and the subscriptions.

#include "sandbox/core/call.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view feature = "entitlements.feature";
constexpr std::string_view attachment = "product_feature";

Answer<Json> create_entitlement_feature(Call& call) {
    auto const key = call.text("lookup_key");
    if (!call.store().where(feature, "lookup_key", key).empty())
        return refuse(bad_request("A feature with the lookup key '" + key + "' already exists.", "lookup_key",
                                  "resource_already_exists"));
    auto const id = call.new_id("feat_");
    JsonObject made{{"id", id}, {"active", true}};
    copy_given(made, call.params, {"lookup_key", "name"});
    merge_metadata(made, call.params);
    call.create(feature, std::move(made));
    return call.view(feature, id);
}

Answer<Json> update_entitlement_feature(Call& call) {
    TRY(call.need(feature, call.path_id()));
    auto& changed = call.edit(feature, call.path_id());
    copy_given(changed, call.params, {"active", "name"});
    merge_metadata(changed, call.params);
    return call.view(feature, call.path_id());
}

Answer<Json> list_entitlement_features(Call& call) {
    ListQuery query{.type = feature};
    if (auto const key = call.text("lookup_key"); !key.empty()) {
        query.index = "lookup_key";
        query.key = key;
    }
    query.keep = [&](JsonObject const& listed) {
        auto const* archived = find(call.params, "archived");
        return !archived || archived->as_bool() != listed.at("active").as_bool();
    };
    return call.list(query);
}

// The product is kept beside what Stripe shows, under a name that views leave out.
Answer<Json> attach(Call& call) {
    auto const& product = call.path_id();
    TRY(call.need("product", product));
    auto const id = call.text("entitlement_feature");
    TRY(call.need(feature, id, "entitlement_feature"));
    for (auto const& [sequence, other] : call.store().where(attachment, "product", product))
        if (other->object.at("entitlement_feature") == Json(id))
            return refuse(bad_request("This feature is already attached to the product.", "entitlement_feature",
                                      "resource_already_exists"));
    auto const own = call.new_id("prodft_");
    call.create(attachment, {{"id", own}, {"entitlement_feature", id}, {"sandbox_product", product}});
    return call.view(attachment, own);
}

Answer<JsonObject const*> need_attachment(Call& call) {
    TRY(call.need("product", call.path_id("productId")));
    auto const* found = TRY(call.need(attachment, call.path_id()));
    if (found->at("sandbox_product") == Json(call.path_id("productId"))) return found;
    return refuse(no_such(attachment, call.path_id()));
}

}  // namespace

void add_entitlement_features(World& world) {
    world.store.add_index(feature, "lookup_key");
    world.store.add_index(attachment, "product", [](JsonObject const& attached) {
        return std::string(as_view(attached.at("sandbox_product").as_string()));
    });
    auto& registry = world.registry;
    registry.on("POST /v1/entitlements/features", create_entitlement_feature);
    registry.on("POST /v1/entitlements/features/{id}", update_entitlement_feature);
    registry.on("GET /v1/entitlements/features/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(feature, call.path_id()));
        return call.view(feature, call.path_id());
    });
    registry.on("GET /v1/entitlements/features", list_entitlement_features);
    registry.on("POST /v1/products/{id}/features", attach);
    registry.on("GET /v1/products/{id}/features", [](Call& call) -> Answer<Json> {
        TRY(call.need("product", call.path_id()));
        return call.list({.type = attachment, .index = "product", .key = call.path_id()});
    });
    registry.on("GET /v1/products/{productId}/features/{id}", [](Call& call) -> Answer<Json> {
        TRY(need_attachment(call));
        return call.view(attachment, call.path_id());
    });
    registry.on("DELETE /v1/products/{productId}/features/{id}", [](Call& call) -> Answer<Json> {
        TRY(need_attachment(call));
        return call.remove(attachment, call.path_id());
    });
}

}  // namespace billhook::sandbox
