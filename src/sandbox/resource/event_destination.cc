// Event destinations: the second generation of webhook endpoints, for thin or snapshot events.

#include "sandbox/core/call.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

std::string now_text(Call& call) {
    return to_rfc3339(Timestamp::from_seconds(call.now()));
}

bool includes(Call& call, std::string_view what) {
    auto const* include = find(call.params, "include");
    if (!include) return false;
    for (auto const& word : include->as_array())
        if (as_view(word.as_string()) == what) return true;
    return false;
}

// The address and the secret are shown only to whom asks for them; the secret only when the destination is made.
JsonObject shown(Call& call, std::string const& id, bool may_show_secret) {
    auto destination = *call.store().find(object_type::v2_core_event_destination, id);
    auto& endpoint = destination["webhook_endpoint"].as_object();
    if (!may_show_secret || !includes(call, "webhook_endpoint.signing_secret")) endpoint.erase("signing_secret");
    if (!includes(call, "webhook_endpoint.url")) endpoint.erase("url");
    if (endpoint.empty()) destination.erase("webhook_endpoint");
    return destination;
}

Answer<Json> create_event_destination(Call& call) {
    if (call.text("type") != "webhook_endpoint")
        return refuse(bad_request("The sandbox sends to webhook endpoints only.", "type"));
    auto const url = call.text("webhook_endpoint.url");
    if (!url.starts_with("http://") && !url.starts_with("https://"))
        return refuse(bad_request("Not a valid URL", "webhook_endpoint[url]", "url_invalid"));
    auto const version = call.text("snapshot_api_version");
    if (!version.empty() && !call.world().surface.knows_version(version))
        return refuse(bad_request("Invalid API version: " + version + ".", "snapshot_api_version"));
    auto const id = call.new_id("ed_test_");
    JsonObject destination{{"id", id},
                           {"object", object_type::v2_core_event_destination},
                           {"created", now_text(call)},
                           {"description", ""},
                           {"livemode", false},
                           {"metadata", JsonObject{}},
                           {"status", "enabled"},
                           {"updated", now_text(call)},
                           {"webhook_endpoint", JsonObject{{"signing_secret", call.new_id("whsec_")}, {"url", url}}}};
    copy_given(
        destination, call.params,
        {"description", "enabled_events", "event_payload", "events_from", "name", "snapshot_api_version", "type"});
    merge_metadata(destination, call.params);
    call.store().insert(object_type::v2_core_event_destination, std::move(destination));
    return shown(call, id, true);
}

Answer<Json> update_event_destination(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::v2_core_event_destination, id));
    auto& destination = call.edit(object_type::v2_core_event_destination, id);
    copy_given(destination, call.params, {"description", "enabled_events", "name"});
    merge_metadata(destination, call.params);
    if (auto const url = call.text("webhook_endpoint.url"); !url.empty())
        destination["webhook_endpoint"].as_object()["url"] = url;
    destination["updated"] = now_text(call);
    return shown(call, id, false);
}

Answer<Json> set_status_event_destination(Call& call, std::string_view status) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::v2_core_event_destination, id));
    auto& destination = call.edit(object_type::v2_core_event_destination, id);
    destination["status"] = status;
    destination.erase("status_details");
    if (status == "disabled") destination["status_details"] = JsonObject{{"disabled", JsonObject{{"reason", "user"}}}};
    destination["updated"] = now_text(call);
    return shown(call, id, false);
}

Answer<Json> ping(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::v2_core_event_destination, id));
    call.emit_thin(
        "v2.core.event_destination.ping",
        {{"id", id}, {"type", object_type::v2_core_event_destination}, {"url", "/v2/core/event_destinations/" + id}},
        {});
    return *call.store().find("v2.core.event", call.thin_events.back().id);
}

}  // namespace

void add_event_destinations(World& world) {
    auto& registry = world.registry;
    registry.on("POST /v2/core/event_destinations", create_event_destination);
    registry.on("POST /v2/core/event_destinations/{id}", update_event_destination);
    registry.on("POST /v2/core/event_destinations/{id}/disable",
                [](Call& call) { return set_status_event_destination(call, "disabled"); });
    registry.on("POST /v2/core/event_destinations/{id}/enable",
                [](Call& call) { return set_status_event_destination(call, "enabled"); });
    registry.on("POST /v2/core/event_destinations/{id}/ping", ping);
    registry.on("DELETE /v2/core/event_destinations/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::v2_core_event_destination, call.path_id()));
        call.store().erase(object_type::v2_core_event_destination, call.path_id());
        return JsonObject{{"id", call.path_id()}, {"object", object_type::v2_core_event_destination}};
    });
    registry.on("GET /v2/core/event_destinations/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::v2_core_event_destination, call.path_id()));
        return shown(call, call.path_id(), false);
    });
    registry.on("GET /v2/core/event_destinations", [](Call& call) -> Answer<Json> {
        JsonArray data;
        auto const& all = call.store().all(object_type::v2_core_event_destination);
        for (auto at = all.rbegin(); at != all.rend(); ++at) data.push_back(shown(call, at->second->id, false));
        return JsonObject{{"data", std::move(data)}, {"next_page_url", nullptr}, {"previous_page_url", nullptr}};
    });
}

}  // namespace billhook::sandbox
