// Products: what is sold. A product that has prices cannot be deleted, only made inactive.

#include "sandbox/core/call.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view fields[] = {"active",   "description",        "images",    "marketing_features",
                                       "name",     "package_dimensions", "shippable", "statement_descriptor",
                                       "tax_code", "unit_label",         "url"};

Answer<Json> create(Call& call) {
    auto id = call.text("id");
    if (id.empty()) id = call.new_id("prod_");
    if (call.find("product", id))
        return refuse(bad_request("Product already exists.", "id", "resource_already_exists"));
    JsonObject product{
        {"id", id}, {"active", true}, {"created", call.now()}, {"updated", call.now()}, {"type", "service"}};
    copy_given(product, call.params, fields);
    merge_metadata(product, call.params);
    call.create("product", std::move(product));
    call.emit_now("product.created", "product", id);
    return call.view("product", id);
}

Answer<Json> update(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need("product", id));
    auto const before = call.view("product", id);
    auto& product = call.edit("product", id);
    copy_given(product, call.params, fields);
    merge_metadata(product, call.params);
    if (auto const price = call.text("default_price"); !price.empty()) {
        TRY(call.need("price", price, "default_price"));
        product["default_price"] = price;
    }
    product["updated"] = call.now();
    call.emit_change("product.updated", "product", id, before);
    return call.view("product", id);
}

Answer<Json> remove(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need("product", id));
    if (!call.store().where("price", "product", id).empty())
        return refuse(
            bad_request("This product cannot be deleted because it has one or more user-created prices.", "id"));
    auto const last = call.view("product", id);
    auto stub = call.remove("product", id);
    call.emit("product.deleted", last);
    return stub;
}

}  // namespace

void add_products(World& world) {
    world.store.add_index("price", "product");
    auto& registry = world.registry;
    registry.on("POST /v1/products", create);
    registry.on("POST /v1/products/{id}", update);
    registry.on("DELETE /v1/products/{id}", remove);
    registry.on("GET /v1/products/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need("product", call.path_id()));
        return call.view("product", call.path_id());
    });
    registry.on("GET /v1/products", [](Call& call) {
        return call.list({.type = "product", .keep = [&](JsonObject const& product) {
                              auto const* active = find(call.params, "active");
                              return !active || *active == product.at("active");
                          }});
    });
}

}  // namespace billhook::sandbox
