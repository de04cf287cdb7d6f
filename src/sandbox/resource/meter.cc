// Meters: how usage events of one name add up for a customer.

#include "sandbox/resource/meter.h"

#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

Answer<Json> create_meter(Call& call) {
    auto const event_name = call.text("event_name");
    if (!call.store().where(object_type::billing_meter, "active_event_name", event_name).empty())
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
    call.create(object_type::billing_meter, std::move(meter));
    call.emit_now("billing.meter.created", object_type::billing_meter, id);
    return call.view(object_type::billing_meter, id);
}

Answer<Json> update_meter(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::billing_meter, id));
    auto const before = call.view(object_type::billing_meter, id);
    auto& meter = call.edit(object_type::billing_meter, id);
    copy_given(meter, call.params, {"display_name"});
    meter["updated"] = call.now();
    call.emit_change("billing.meter.updated", object_type::billing_meter, id, before);
    return call.view(object_type::billing_meter, id);
}

Answer<Json> set_status_meter(Call& call, std::string_view status, std::string_view event) {
    auto const& id = call.path_id();
    auto const* meter = TRY(call.need(object_type::billing_meter, id));
    if (meter->at("status") == Json(status))
        return refuse(bad_request("The meter is already " + std::string(status) + "."));
    auto const event_name = std::string(as_view(meter->at("event_name").as_string()));
    if (status == "active" && !call.store().where(object_type::billing_meter, "active_event_name", event_name).empty())
        return refuse(bad_request("There is already an active meter with the event name '" + event_name + "'."));
    auto& changed = call.edit(object_type::billing_meter, id);
    changed["status"] = status;
    changed["status_transitions"] =
        JsonObject{{"deactivated_at", status == "active" ? Json(nullptr) : Json(call.now())}};
    changed["updated"] = call.now();
    call.emit_now(event, object_type::billing_meter, id);
    return call.view(object_type::billing_meter, id);
}

}  // namespace

void add_meters(World& world) {
    world.store.add_index(object_type::billing_meter, "active_event_name", [](JsonObject const& meter) {
        return meter.at("status") == Json("active") ? std::string(as_view(meter.at("event_name").as_string()))
                                                    : std::string{};
    });
    auto& registry = world.registry;
    registry.on("POST /v1/billing/meters", create_meter);
    registry.on("POST /v1/billing/meters/{id}", update_meter);
    registry.on("POST /v1/billing/meters/{id}/deactivate",
                [](Call& call) { return set_status_meter(call, "inactive", "billing.meter.deactivated"); });
    registry.on("POST /v1/billing/meters/{id}/reactivate",
                [](Call& call) { return set_status_meter(call, "active", "billing.meter.reactivated"); });
    registry.on("GET /v1/billing/meters/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::billing_meter, call.path_id()));
        return call.view(object_type::billing_meter, call.path_id());
    });
    registry.on("GET /v1/billing/meters", [](Call& call) {
        return call.list({.type = object_type::billing_meter, .keep = [&](JsonObject const& meter) {
                              auto const* status = find(call.params, "status");
                              return !status || *status == meter.at("status");
                          }});
    });
}

}  // namespace billhook::sandbox
