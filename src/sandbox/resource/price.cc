// Prices, and the legacy plans that recurring prices also are. A price's amount never changes after its creation.

#include "sandbox/resource/price.h"

#include <algorithm>

#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr int lookup_keys_max = 10;

Answer<Json> update_price(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need("price", id));
    auto const before = call.view("price", id);
    auto const key = call.text("lookup_key");
    if (!key.empty()) TRY_VOID(take_lookup_key(call, key, bool_or(call.params, "transfer_lookup_key"), id));
    auto& price = call.edit("price", id);
    if (call.has("tax_behavior") && price["tax_behavior"] != Json("unspecified") &&
        price["tax_behavior"] != call.params.at("tax_behavior"))
        return refuse(bad_request("You cannot change `tax_behavior` once it is set.", "tax_behavior"));
    copy_given(price, call.params, {"active", "lookup_key", "nickname", "tax_behavior"});
    merge_metadata(price, call.params);
    if (auto const* options = find(call.params, "currency_options"); options && options->is_object()) {
        auto added = TRY(read_currency_options(options->get_object(), "", price["billing_scheme"] == Json("tiered")));
        for (auto& [currency, option] : added) {
            if (currency == price["currency"].as_string())
                return refuse(bad_request("You cannot change the price's own currency.", "currency_options"));
            price["currency_options"].as_object()[currency] = std::move(option);
        }
    }
    call.emit_change("price.updated", "price", id, before);
    return call.view("price", id);
}

bool fits_recurring(JsonObject const& price, Json const& wanted) {
    auto const* recurring = find(price, "recurring");
    if (!recurring || !recurring->is_object()) return false;
    for (auto const* name : {"interval", "meter", "usage_type"})
        if (auto const* value = find(wanted, name); value && *value != recurring->get_object().at(name)) return false;
    return true;
}

Answer<Json> list_prices(Call& call) {
    ListQuery query{.type = "price"};
    if (auto const product = call.text("product"); !product.empty()) {
        query.index = "product";
        query.key = product;
    }
    auto const* keys = find(call.params, "lookup_keys");
    if (keys && keys->as_array().size() > lookup_keys_max)
        return refuse(bad_request("You can pass at most 10 lookup keys.", "lookup_keys"));
    query.keep = [&](JsonObject const& price) {
        for (auto const* name : {"active", "currency", "type"})
            if (auto const* wanted = find(call.params, name); wanted && *wanted != price.at(name)) return false;
        if (auto const* recurring = find(call.params, "recurring"); recurring && !fits_recurring(price, *recurring))
            return false;
        return !keys || std::ranges::find(keys->as_array(), price.at("lookup_key")) != keys->as_array().end();
    };
    return call.list(query);
}

/// A plan's parameters in the words of a price.
JsonObject price_parameters(JsonObject const& plan) {
    JsonObject price, recurring;
    auto const copy = [&](JsonObject& into, char const* name, char const* from) {
        if (auto const* value = find(plan, from)) into[name] = *value;
    };
    for (auto const* name :
         {"active", "billing_scheme", "currency", "id", "metadata", "nickname", "tiers", "tiers_mode"})
        copy(price, name, name);
    copy(price, "unit_amount", "amount");
    copy(price, "unit_amount_decimal", "amount_decimal");
    copy(price, "transform_quantity", "transform_usage");
    for (auto const* name : {"interval", "interval_count", "meter", "trial_period_days", "usage_type"})
        copy(recurring, name, name);
    price["recurring"] = std::move(recurring);
    auto const* product = find(plan, "product");
    if (product && product->is_object())
        price["product_data"] = *product;
    else
        copy(price, "product", "product");
    return price;
}

Answer<Json> create_plan(Call& call) {
    return plan_of(*call.find("price", TRY(create_price(call, price_parameters(call.params)))));
}

Answer<JsonObject const*> need_plan(Call& call) {
    auto const* price = call.find("price", call.path_id());
    if (!price || !price->at("recurring").is_object() || price->contains("sandbox_is_deleted_plan"))
        return refuse(no_such("plan", call.path_id()));
    return price;
}

Answer<Json> update_plan(Call& call) {
    auto const& id = call.path_id();
    auto const before = plan_of(*TRY(need_plan(call)));
    auto const product = call.text("product");
    if (!product.empty()) TRY(call.need("product", product, "product"));
    auto& price = call.edit("price", id);
    copy_given(price, call.params, {"active", "nickname", "product"});
    copy_given(price["recurring"].as_object(), call.params, {"trial_period_days"});
    merge_metadata(price, call.params);
    auto after = plan_of(price);
    if (after != before) call.emit("plan.updated", after, previous_attributes(before, after));
    return after;
}

/// The price stays, as those who subscribe to it still pay it; nobody else can.
Answer<Json> remove_plan(Call& call) {
    auto const& id = call.path_id();
    auto const last = plan_of(*TRY(need_plan(call)));
    auto& price = call.edit("price", id);
    price["active"] = false;
    price["sandbox_is_deleted_plan"] = true;
    call.emit("plan.deleted", last);
    return JsonObject{{"id", id}, {"object", "plan"}, {"deleted", true}};
}

void add_plans(Registry& registry) {
    registry.on("POST /v1/plans", create_plan);
    registry.on("POST /v1/plans/{id}", update_plan);
    registry.on("DELETE /v1/plans/{id}", remove_plan);
    registry.on("GET /v1/plans", [](Call& call) -> Answer<Json> {
        auto page = TRY(call.list({.type = "price", .keep = [&](JsonObject const& price) {
                                       auto const* active = find(call.params, "active");
                                       auto const product = call.text("product");
                                       return price.at("recurring").is_object() &&
                                              !price.contains("sandbox_is_deleted_plan") &&
                                              (!active || *active == price.at("active")) &&
                                              (product.empty() || price.at("product") == Json(product));
                                   }}));
        for (auto& price : page.get_object()["data"].as_array()) price = plan_of(price.as_object());
        return page;
    });
    registry.on("GET /v1/plans/{id}", [](Call& call) -> Answer<Json> { return plan_of(*TRY(need_plan(call))); });
}

}  // namespace

void add_prices(World& world) {
    world.store.add_index("price", "lookup_key");
    auto& registry = world.registry;
    registry.on("POST /v1/prices", [](Call& call) -> Answer<Json> {
        auto const id = TRY(create_price(call, call.params));
        return call.view("price", id);
    });
    registry.on("POST /v1/prices/{id}", update_price);
    registry.on("GET /v1/prices/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need("price", call.path_id()));
        return call.view("price", call.path_id());
    });
    registry.on("GET /v1/prices", list_prices);
    registry.on("GET /v1/prices/search", [](Call& call) { return call.search("price"); });
    add_plans(registry);
}

}  // namespace billhook::sandbox
