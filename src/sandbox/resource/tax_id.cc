// Tax ids of customers, and of the account itself. The sandbox asks no registry: an EU VAT number stays "pending",
// others are "unavailable".

#include "sandbox/resource/tax_id.h"

#include <algorithm>

#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::size_t tax_ids_max = 5;

std::string country_of(std::string const& kind, std::string const& value) {
    std::string code = kind == "eu_vat" ? value.substr(0, 2) : kind.substr(0, 2);
    for (auto& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return code;
}

// Two letters of a member state and 2 to 13 letters or digits.
bool is_eu_vat(std::string const& value) {
    auto const is_alphanumeric = [](unsigned char c) { return std::isalnum(c) != 0; };
    return value.size() >= 4 && value.size() <= 15 && std::isalpha(static_cast<unsigned char>(value[0])) &&
           std::isalpha(static_cast<unsigned char>(value[1])) && std::ranges::all_of(value, is_alphanumeric);
}

Answer<JsonObject const*> need_tax_id(Call& call) {
    TRY(call.need("customer", call.path_id("customerId")));
    auto const* tax_id = TRY(call.need(object_type::tax_id, call.path_id()));
    if (tax_id->at("customer") == Json(call.path_id("customerId"))) return tax_id;
    return refuse(no_such(object_type::tax_id, call.path_id()));
}

/// Of a customer, or of the account where that is empty.
Answer<std::string> store_tax_id(Call& call, std::string const& customer, std::string const& kind,
                                 std::string const& value, std::string const& param) {
    if (kind == "eu_vat" && !is_eu_vat(value))
        return refuse(bad_request("Invalid value for eu_vat.", param, "tax_id_invalid"));
    auto id = call.new_id("txi_");
    JsonObject owner{{"type", customer.empty() ? "self" : "customer"}};
    if (!customer.empty()) owner["customer"] = customer;
    call.create(object_type::tax_id,
                {{"id", id},
                 {"country", country_of(kind, value)},
                 {"created", call.now()},
                 {"customer", customer.empty() ? Json(nullptr) : Json(customer)},
                 {"owner", std::move(owner)},
                 {"type", kind},
                 {"value", value},
                 {"verification", JsonObject{{"status", kind == "eu_vat" ? "pending" : "unavailable"}}}});
    return id;
}

/// The customer that `owner` names; empty where it is the account.
Answer<std::string> read_owner(Call& call) {
    auto const kind = call.text("owner.type");
    if (kind != "customer") return std::string{};
    auto customer = call.text("owner.customer");
    if (customer.empty()) return refuse(missing_parameter("owner[customer]"));
    call.use_clock_of(*TRY(call.need("customer", customer, "owner[customer]")));
    return customer;
}

Answer<Json> create_for_owner(Call& call) {
    auto const customer = TRY(read_owner(call));
    auto const kind = call.text("type"), value = call.text("value");
    if (!customer.empty())
        return call.view(object_type::tax_id, TRY(create_tax_id(call, customer, kind, value, "value")));
    return call.view(object_type::tax_id, TRY(store_tax_id(call, "", kind, value, "value")));
}

Answer<Json> list_of_owner(Call& call) {
    auto const customer = TRY(read_owner(call));
    if (!customer.empty()) return call.list({.type = object_type::tax_id, .index = "customer", .key = customer});
    return call.list({.type = object_type::tax_id,
                      .keep = [](JsonObject const& tax_id) { return tax_id.at("customer").is_null(); }});
}

Answer<Json> remove_by_id(Call& call) {
    auto const& tax_id = *TRY(call.need(object_type::tax_id, call.path_id()));
    call.use_clock_of(tax_id);
    bool const is_of_customer = !tax_id.at("customer").is_null();
    auto const last = call.view(object_type::tax_id, call.path_id());
    auto stub = call.remove(object_type::tax_id, call.path_id());
    if (is_of_customer) call.emit("customer.tax_id.deleted", last);
    return stub;
}

}  // namespace

Answer<std::string> create_tax_id(Call& call, std::string const& customer, std::string const& kind,
                                  std::string const& value, std::string const& param) {
    if (call.store().where(object_type::tax_id, "customer", customer).size() >= tax_ids_max)
        return refuse(bad_request("A customer can have at most 5 tax ids.", param));
    auto id = TRY(store_tax_id(call, customer, kind, value, param));
    call.emit_now("customer.tax_id.created", object_type::tax_id, id);
    return id;
}

void add_tax_ids(World& world) {
    world.store.add_index(object_type::tax_id, "customer");
    world.views.provide("customer", "tax_ids", [&world](JsonObject const& customer) -> Json {
        auto const id = std::string(as_view(customer.at("id").as_string()));
        JsonArray data;
        for (auto const& [sequence, tax_id] : world.store.where(object_type::tax_id, "customer", id))
            data.push_back(world.views.render(object_type::tax_id, tax_id->object));
        return Views::list(std::move(data), "/v1/customers/" + id + "/tax_ids");
    });
    auto& registry = world.registry;
    registry.on("POST /v1/customers/{id}/tax_ids", [](Call& call) -> Answer<Json> {
        call.use_clock_of(*TRY(call.need("customer", call.path_id())));
        return call.view(object_type::tax_id,
                         TRY(create_tax_id(call, call.path_id(), call.text("type"), call.text("value"), "value")));
    });
    registry.on("GET /v1/customers/{id}/tax_ids", [](Call& call) -> Answer<Json> {
        TRY(call.need("customer", call.path_id()));
        return call.list({.type = object_type::tax_id, .index = "customer", .key = call.path_id()});
    });
    registry.on("GET /v1/customers/{customerId}/tax_ids/{id}", [](Call& call) -> Answer<Json> {
        TRY(need_tax_id(call));
        return call.view(object_type::tax_id, call.path_id());
    });
    registry.on("DELETE /v1/customers/{customerId}/tax_ids/{id}", [](Call& call) -> Answer<Json> {
        TRY(need_tax_id(call));
        return remove_by_id(call);
    });
    registry.on("POST /v1/tax_ids", create_for_owner);
    registry.on("GET /v1/tax_ids", list_of_owner);
    registry.on("DELETE /v1/tax_ids/{id}", remove_by_id);
    registry.on("GET /v1/tax_ids/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::tax_id, call.path_id()));
        return call.view(object_type::tax_id, call.path_id());
    });
}

}  // namespace billhook::sandbox
