#pragma once
// Which endpoints want an event, where they are, and the event's text. The webhook_endpoints resource itself is in
// resource/webhook_endpoint.cc.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/delivery/delivery.h"
#include "sandbox/delivery/event_log.h"

namespace billhook::sandbox {

struct World;

std::vector<std::string> endpoints_for(World& world, std::string_view event_type);
/// Destinations that take thin events of this type.
std::vector<std::string> destinations_for_thin(World& world, std::string_view event_type);
/// The event's text as this endpoint receives it: in the version that it was made with.
std::shared_ptr<std::string const> event_for(World& world, Event const& event, std::string const& endpoint);
std::optional<EndpointAddress> find_endpoint(World& world, std::string const& id);
/// Differs after any change of an endpoint or destination.
std::uint64_t endpoint_changes(World const& world);
/// The whole snapshot event; `data` is its data member as text.
std::string event_body(World& world, Event const& event, std::string const& data, std::string const& request_id,
                       std::string const& idempotency_key);

}  // namespace billhook::sandbox
