// Meters: how usage events of one name add up for a customer.

#include "sandbox/resource/meter.h"

#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view type = "billing.meter";

Answer<Json> create(Call& call) {
    auto const event_name = call.text("event_name");
    if (!call.store().where(type, "active_event_name", event_name).empty())
        return refuse(bad_request("There is already an active meter with the event name '" + event_name + "'.",
                                  "event_name", "resource_already_exists"));
    auto const id = call.new_id("mtr_test_");
    JsonObject meter{{"id", id},
                     {"created", call.now()},
                     {"customer_mapping", JsonObject{{"event_payload_key", "stripe_customer_id"}, {"type", "by_id"}}},
                     {"status", "active"},
                     {"status_transitions", JsonObject{{"deactivated_at", nullptr}}},
                     {"updated", call.now()},
                     {"value_settings", JsonObject{{"event_payload_key", "value"}}}};
    copy_given(meter, call.params,
               {"customer_mapping", "default_aggregation", "display_name", "event_name", "event_time_window",
                "value_settings"});
    call.create(type, std::move(meter));
    call.emit_now("billing.meter.created", type, id);
    return call.view(type, id);
}

Answer<Json> update(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(type, id));
    auto const before = call.view(type, id);
    auto& meter = call.edit(type, id);
    copy_given(meter, call.params, {"display_name"});
    meter["updated"] = call.now();
    call.emit_change("billing.meter.updated", type, id, before);
    return call.view(type, id);
}

Answer<Json> set_status(Call& call, std::string_view status, std::string_view event) {
    auto const& id = call.path_id();
    auto const* meter = TRY(call.need(type, id));
    if (meter->at("status") == Json(status))
        return refuse(bad_request("The meter is already " + std::string(status) + "."));
    auto const event_name = std::string(as_view(meter->at("event_name").as_string()));
    if (status == "active" && !call.store().where(type, "active_event_name", event_name).empty())
        return refuse(bad_request("There is already an active meter with the event name '" + event_name + "'."));
    auto& changed = call.edit(type, id);
    changed["status"] = status;
    changed["status_transitions"] =
        JsonObject{{"deactivated_at", status == "active" ? Json(nullptr) : Json(call.now())}};
    changed["updated"] = call.now();
    call.emit_now(event, type, id);
    return call.view(type, id);
}

}  // namespace

void add_meters(World& world) {
    world.store.add_index(type, "active_event_name", [](JsonObject const& meter) {
        return meter.at("status") == Json("active") ? std::string(as_view(meter.at("event_name").as_string()))
                                                    : std::string{};
    });
    auto& registry = world.registry;
    registry.on("POST /v1/billing/meters", create);
    registry.on("POST /v1/billing/meters/{id}", update);
    registry.on("POST /v1/billing/meters/{id}/deactivate",
                [](Call& call) { return set_status(call, "inactive", "billing.meter.deactivated"); });
    registry.on("POST /v1/billing/meters/{id}/reactivate",
                [](Call& call) { return set_status(call, "active", "billing.meter.reactivated"); });
    registry.on("GET /v1/billing/meters/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(type, call.path_id()));
        return call.view(type, call.path_id());
    });
    registry.on("GET /v1/billing/meters", [](Call& call) {
        return call.list({.type = type, .keep = [&](JsonObject const& meter) {
                              auto const* status = find(call.params, "status");
                              return !status || *status == meter.at("status");
                          }});
    });
}

}  // namespace billhook::sandbox
