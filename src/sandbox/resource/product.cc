// Products: what is sold. A product that has prices cannot be deleted, only made inactive.

#include "sandbox/resource/product.h"

#include <algorithm>

#include "sandbox/resource/price.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view product_fields[] = {"active",   "description",        "images",    "marketing_features",
                                               "name",     "package_dimensions", "shippable", "statement_descriptor",
                                               "tax_code", "unit_label",         "url"};

void set_tax_details(JsonObject& product, JsonObject const& params) {
    auto const* given = find(params, "tax_details");
    if (!given || !given->is_object()) return;
    product["tax_details"] = JsonObject{{"performance_location", nullptr}};
    copy_given(product["tax_details"].as_object(), given->get_object(), {"performance_location"});
    if (auto const* code = find(*given, "tax_code")) product["tax_code"] = *code;
}

Answer<Json> answer_create_product(Call& call) {
    auto const id = TRY(create_product(call, call.params));
    if (auto const* data = find(call.params, "default_price_data")) {
        auto params = data->as_object();
        params["product"] = id;
        call.edit("product", id)["default_price"] = TRY(create_price(call, params, "default_price_data"));
    }
    return call.view("product", id);
}

Answer<Json> update_product(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need("product", id));
    auto const before = call.view("product", id);
    auto& product = call.edit("product", id);
    copy_given(product, call.params, product_fields);
    set_tax_details(product, call.params);
    merge_metadata(product, call.params);
    if (auto const price = call.text("default_price"); !price.empty()) {
        auto const* found = TRY(call.need("price", price, "default_price"));
        if (found->at("product") != Json(id))
            return refuse(bad_request("The price `" + price + "` does not belong to this product.", "default_price"));
        product["default_price"] = price;
    }
    if (previous_attributes(before, call.view("product", id)).empty()) return call.view("product", id);
    product["updated"] = call.now();
    call.emit_change("product.updated", "product", id, before);
    return call.view("product", id);
}

Answer<Json> remove_product(Call& call) {
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

Answer<Json> list_products(Call& call) {
    auto const* ids = find(call.params, "ids");
    return call.list({.type = "product", .keep = [&](JsonObject const& product) {
                          for (auto const* name : {"active", "shippable", "url"})
                              if (auto const* wanted = find(call.params, name); wanted && *wanted != product.at(name))
                                  return false;
                          return !ids || std::ranges::find(ids->as_array(), product.at("id")) != ids->as_array().end();
                      }});
}

}  // namespace

Answer<std::string> create_product(Call& call, JsonObject const& params, std::string const& where) {
    auto id = string_or(params, "id");
    if (id.empty()) id = call.new_id("prod_");
    if (call.store().find("product", id))
        return refuse(bad_request("Product already exists.", nested_param(where, "id"), "resource_already_exists"));
    JsonObject product{
        {"id", id}, {"active", true}, {"created", call.now()}, {"updated", call.now()}, {"type", "service"}};
    copy_given(product, params, product_fields);
    copy_given(product, params, {"type"});
    set_tax_details(product, params);
    merge_metadata(product, params);
    call.create("product", std::move(product));
    call.emit_now("product.created", "product", id);
    return id;
}

void add_products(World& world) {
    world.store.add_index("price", "product");
    auto& registry = world.registry;
    registry.on("POST /v1/products", answer_create_product);
    registry.on("POST /v1/products/{id}", update_product);
    registry.on("DELETE /v1/products/{id}", remove_product);
    registry.on("GET /v1/products/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need("product", call.path_id()));
        return call.view("product", call.path_id());
    });
    registry.on("GET /v1/products", list_products);
    registry.on("GET /v1/products/search", [](Call& call) { return call.search("product"); });
}

}  // namespace billhook::sandbox
