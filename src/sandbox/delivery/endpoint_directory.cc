#include "sandbox/delivery/endpoint_directory.h"

#include <algorithm>

#include "sandbox/core/world.h"

namespace billhook::sandbox {
namespace {

bool wants(JsonObject const& endpoint, std::string_view event_type) {
    if (endpoint.at("status") != Json("enabled")) return false;
    return std::ranges::any_of(endpoint.at("enabled_events").as_array(), [&](Json const& wanted) {
        auto const name = as_view(wanted.as_string());
        return name == "*" || name == event_type;
    });
}

Json text_or_null(std::string const& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

std::vector<std::string> endpoints_for(World& world, std::string_view event_type) {
    std::vector<std::string> ids;
    for (auto const& [sequence, endpoint] : world.store.all("webhook_endpoint"))
        if (wants(endpoint->object, event_type)) ids.push_back(endpoint->id);
    return ids;
}

std::optional<EndpointAddress> find_endpoint(World& world, std::string const& id) {
    auto const* endpoint = world.store.find("webhook_endpoint", id);
    if (!endpoint || endpoint->contains("deleted") || endpoint->at("status") != Json("enabled")) return std::nullopt;
    return EndpointAddress{std::string(as_view(endpoint->at("url").as_string())),
                           {std::string(as_view(endpoint->at("secret").as_string()))}};
}

std::string event_body(World& world, Event const& event, std::string const& data, std::string const& request_id,
                       std::string const& idempotency_key) {
    JsonObject const head{
        {"id", event.id},
        {"object", "event"},
        {"api_version", world.surface.version()},
        {"created", event.created},
        {"livemode", false},
        {"pending_webhooks", event.webhooks_pending},
        {"request", {{"id", text_or_null(request_id)}, {"idempotency_key", text_or_null(idempotency_key)}}},
        {"type", event.type}};
    auto text = to_text(head);
    text.pop_back();
    return text + ",\"data\":" + data + "}";
}

}  // namespace billhook::sandbox
