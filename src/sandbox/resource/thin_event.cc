// Thin events of the second generation: the notification says what happened to which object, GET tells the rest.

#include <algorithm>
#include <charconv>

#include "sandbox/core/call.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

bool is_wanted_thin_event(JsonObject const& params, JsonObject const& event) {
    auto const* types = find(params, "types");
    if (types && std::ranges::find(types->as_array(), event.at("type")) == types->as_array().end()) return false;
    auto const object = string_or(params, "object_id");
    return object.empty() || string_or(event, "related_object.id") == object;
}

// Pages are numbered: the address of the next one is all that a client uses.
Answer<Json> list_thin_events(Call& call) {
    auto const limit = int_or(call.params, "limit", 20);
    if (limit < 1 || limit > 100) return refuse(bad_request("limit must be between 1 and 100.", "limit"));
    std::int64_t skipped = 0;
    auto const page = call.text("page");
    std::from_chars(page.data(), page.data() + page.size(), skipped);
    JsonArray data;
    std::int64_t seen = 0;
    bool has_more = false;
    auto const& all = call.store().all(object_type::v2_core_event);
    for (auto at = all.rbegin(); at != all.rend() && !has_more; ++at) {
        if (!is_wanted_thin_event(call.params, at->second->object) || seen++ < skipped) continue;
        if (std::ssize(data) == limit)
            has_more = true;
        else
            data.push_back(at->second->object);
    }
    auto const address = [&](std::int64_t from) {
        return Json(call.path + "?limit=" + std::to_string(limit) + "&page=" + std::to_string(from));
    };
    return JsonObject{
        {"data", std::move(data)},
        {"next_page_url", has_more ? address(skipped + limit) : Json(nullptr)},
        {"previous_page_url", skipped > 0 ? address(std::max<std::int64_t>(0, skipped - limit)) : Json(nullptr)}};
}

}  // namespace

void Call::emit_thin(std::string_view event_type, JsonObject const& related_object, JsonObject const& data) {
    auto const id = new_id("evt_test_");
    JsonObject notification{{"id", id},           {"object", object_type::v2_core_event},
                            {"type", event_type}, {"created", to_rfc3339(Timestamp::from_seconds(now()))},
                            {"livemode", false},  {"context", nullptr},
                            {"reason", nullptr}};
    if (!related_object.empty()) notification["related_object"] = related_object;
    thin_events.push_back({std::string(event_type), id, to_text(notification)});
    notification["data"] = data;
    store().insert(object_type::v2_core_event, std::move(notification));
}

void add_thin_events(World& world) {
    auto& registry = world.registry;
    registry.on("GET /v2/core/events", list_thin_events);
    registry.on("GET /v2/core/events/{id}",
                [](Call& call) -> Answer<Json> { return *TRY(call.need(object_type::v2_core_event, call.path_id())); });
}

}  // namespace billhook::sandbox
