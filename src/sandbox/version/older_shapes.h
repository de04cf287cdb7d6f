#pragma once
// What is shown in the shapes of older API versions, made from the present ones: answers to requests that name such a
// version, and events for endpoints that were made with one. Source: SEMANTICS.md section 2, the table of versions.
// What an older version had besides and this table does not name is not there.

#include <string>
#include <string_view>

#include "base/json.h"

namespace billhook::sandbox {

struct World;

/// Whether a version's shapes differ from the sandbox's own; an empty version is the sandbox's own.
bool has_older_shapes(std::string_view version);
/// Every object in the tree, also those that are only parts of one.
void show_as(World& world, std::string_view version, Json& tree);
/// Expands what only the older shape has, as "latest_invoice.payment_intent", in a tree that show_as has gone over.
/// False: it has no such field either.
bool expand_as(World& world, std::string_view version, Json& tree, std::string_view path);
/// The text of a snapshot event as an endpoint of that version receives it.
std::string event_as(World& world, std::string_view version, std::string const& body);

}  // namespace billhook::sandbox
