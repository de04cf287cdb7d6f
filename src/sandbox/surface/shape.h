#pragma once
// Shapes: making a response object complete, and judging whether one is right, both by the surface.

#include <string>
#include <vector>

#include "base/json.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

/// Fills what is missing and whose value the surface leaves no choice about: the `object` constant, livemode false,
/// null for nullable fields (includable ones excepted), empty arrays and maps where required. Goes into the objects
/// that are there. What a resource must decide itself stays missing, and violations() names it.
JsonObject complete(Surface const& surface, std::string_view object, JsonObject partial);
void complete_in_place(Surface const& surface, std::string_view object, JsonObject& partial);

/// What the surface forbids in a response: missing required fields, wrong types, unknown values of closed enums,
/// unknown fields (the legacy fields that Stripe still sends excepted). Each a sentence with the path.
std::vector<std::string> violations(Type const& type, Json const& value);
/// The same for an event: its envelope, and data.object by the event's type.
std::vector<std::string> event_violations(Surface const& surface, Json const& event);

}  // namespace billhook::sandbox
