// Tax rates: a percentage with a name; archived by active=false, never deleted.

#include "sandbox/core/call.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view tax_rate_fields[] = {"active",       "country", "description", "display_name",
                                                "jurisdiction", "state",   "tax_type"};

Answer<Json> create_tax_rate(Call& call) {
    auto const percentage = call.params.at("percentage").to_number<double>();
    if (percentage < 0 || percentage > 100)
        return refuse(bad_request("Invalid percentage: must be between 0 and 100.", "percentage"));
    auto const id = call.new_id("txr_");
    JsonObject rate{{"id", id}, {"active", true}, {"created", call.now()}, {"rate_type", "percentage"}};
    copy_given(rate, call.params, tax_rate_fields);
    copy_given(rate, call.params, {"inclusive", "percentage"});
    rate["effective_percentage"] = rate["percentage"];
    merge_metadata(rate, call.params);
    call.create(object_type::tax_rate, std::move(rate));
    call.emit_now("tax_rate.created", object_type::tax_rate, id);
    return call.view(object_type::tax_rate, id);
}

Answer<Json> update_tax_rate(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::tax_rate, id));
    auto const before = call.view(object_type::tax_rate, id);
    auto& rate = call.edit(object_type::tax_rate, id);
    copy_given(rate, call.params, tax_rate_fields);
    merge_metadata(rate, call.params);
    call.emit_change("tax_rate.updated", object_type::tax_rate, id, before);
    return call.view(object_type::tax_rate, id);
}

}  // namespace

void add_tax_rates(World& world) {
    auto& registry = world.registry;
    registry.on("POST /v1/tax_rates", create_tax_rate);
    registry.on("POST /v1/tax_rates/{id}", update_tax_rate);
    registry.on("GET /v1/tax_rates/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::tax_rate, call.path_id()));
        return call.view(object_type::tax_rate, call.path_id());
    });
    registry.on("GET /v1/tax_rates", [](Call& call) {
        return call.list({.type = object_type::tax_rate, .keep = [&](JsonObject const& rate) {
                              for (auto const* name : {"active", "inclusive"})
                                  if (auto const* wanted = find(call.params, name); wanted && *wanted != rate.at(name))
                                      return false;
                              return true;
                          }});
    });
}

}  // namespace billhook::sandbox
