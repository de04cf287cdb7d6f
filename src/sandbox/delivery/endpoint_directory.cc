#include "sandbox/delivery/endpoint_directory.h"

#include <algorithm>

#include "base/check.h"
#include "sandbox/core/json_text.h"
#include "sandbox/core/world.h"
#include "sandbox/version/older_shapes.h"

namespace billhook::sandbox {
namespace {

bool wants(JsonObject const& endpoint, std::string_view event_type) {
    if (endpoint.at("status") != Json("enabled")) return false;
    return std::ranges::any_of(endpoint.at("enabled_events").as_array(), [&](Json const& wanted) {
        auto const name = as_view(wanted.as_string());
        return name == "*" || name == event_type;
    });
}

// Enough for all of an event but its data.
constexpr std::size_t head_bytes = 512;
constexpr std::string_view endpoint_type = "webhook_endpoint";
constexpr std::string_view destination_type = "v2.core.event_destination";

void add_destinations(World& world, std::string_view event_type, std::string_view payload,
                      std::vector<std::string>& ids) {
    for (auto const& [sequence, destination] : world.store.all(destination_type))
        if (destination->object.at("event_payload") == Json(payload) && wants(destination->object, event_type))
            ids.push_back(destination->id);
}

/// The version that an endpoint was made with; empty: the sandbox's own.
std::string version_of(World& world, std::string const& id) {
    auto const* endpoint = world.store.find(endpoint_type, id);
    if (endpoint) return string_or(*endpoint, "api_version");
    auto const* destination = world.store.find(destination_type, id);
    return destination ? string_or(*destination, "snapshot_api_version") : std::string{};
}

/// As event_body writes it, before the event's data.
std::string version_member(std::string_view version) {
    return R"(,"api_version":")" + std::string(version) + '"';
}

std::string text_of(JsonObject const& object, std::string_view name) {
    return std::string(as_view(object.at(name).as_string()));
}

}  // namespace

std::vector<std::string> endpoints_for(World& world, std::string_view event_type) {
    std::vector<std::string> ids;
    for (auto const& [sequence, endpoint] : world.store.all(endpoint_type))
        if (wants(endpoint->object, event_type)) ids.push_back(endpoint->id);
    add_destinations(world, event_type, "snapshot", ids);
    return ids;
}

std::vector<std::string> destinations_for_thin(World& world, std::string_view event_type) {
    std::vector<std::string> ids;
    add_destinations(world, event_type, "thin", ids);
    return ids;
}

std::shared_ptr<std::string const> event_for(World& world, Event const& event, std::string const& id) {
    auto const version = version_of(world, id);
    if (version.empty() || version == world.surface.version()) return event.body;
    if (has_older_shapes(version)) return std::make_shared<std::string const>(event_as(world, version, *event.body));
    // The shapes are the same, the name of the version is the endpoint's.
    auto const now = version_member(world.surface.version());
    auto const at = event.body->find(now);
    CHECK(at != std::string::npos);
    auto body = *event.body;
    return std::make_shared<std::string const>(body.replace(at, now.size(), version_member(version)));
}

std::optional<EndpointAddress> find_endpoint(World& world, std::string const& id) {
    bool const is_destination = world.store.find(destination_type, id) != nullptr;
    auto const* endpoint = world.store.find(is_destination ? destination_type : endpoint_type, id);
    if (!endpoint || endpoint->contains("deleted") || endpoint->at("status") != Json("enabled")) return std::nullopt;
    if (is_destination) {
        auto const& address = endpoint->at("webhook_endpoint").as_object();
        return EndpointAddress{text_of(address, "url"), {text_of(address, "signing_secret")}};
    }
    EndpointAddress address{text_of(*endpoint, "url"), {text_of(*endpoint, "secret")}};
    // While a secret is being rolled, both sign.
    auto const* until = find(*endpoint, "sandbox_old_secret_until");
    if (until && until->as_int64() > world.now(root_clock))
        address.secrets.push_back(text_of(*endpoint, "sandbox_old_secret"));
    return address;
}

std::uint64_t endpoint_changes(World const& world) {
    return world.store.changes(endpoint_type) + world.store.changes(destination_type);
}

std::string event_body(World& world, Event const& event, std::string const& data, std::string const& request_id,
                       std::string const& idempotency_key) {
    std::string text;
    text.reserve(data.size() + head_bytes);
    auto const member = [&](std::string_view name, std::string const& value) {
        text += name;
        if (value.empty())
            text += "null";
        else
            append_json_string(text, value);
    };
    member(R"({"object":"event","id":)", event.id);
    member(R"(,"type":)", event.type);
    text += version_member(world.surface.version());
    text += R"(,"created":)" + std::to_string(event.created);
    text += R"(,"livemode":false,"pending_webhooks":)" + std::to_string(event.webhooks_pending);
    member(R"(,"request":{"id":)", request_id);
    member(R"(,"idempotency_key":)", idempotency_key);
    text += R"(},"data":)";
    text += data;
    text += '}';
    return text;
}

}  // namespace billhook::sandbox
