#pragma once
// Intents: changes asked for and not yet confirmed. At most one is pending per customer and line.

#include <optional>
#include <string_view>
#include <vector>

#include "domain/subscription/intent.h"
#include "store/store.h"

namespace billhook::store {

using subscription::Intent;

/// Conflict "change_in_progress" where another intent of the line is pending; the transaction stays usable.
Status insert_intent(Writer& writer, Intent const& intent);
/// Writes status, parameters, reason, subscription and ended_at. not_found where there is no such intent.
Status update_intent(Writer& writer, Intent const& intent);
Result<std::optional<Intent>> find_intent(Reader& reader, CustomerId const& customer, IntentId const& id);
Result<std::optional<Intent>> find_pending_intent(Reader& reader, CustomerId const& customer, std::string_view line);
/// The one of the line that ended last.
Result<std::optional<Intent>> find_last_ended_intent(Reader& reader, CustomerId const& customer, std::string_view line);
Result<std::vector<Intent>> list_pending_intents(Reader& reader, CustomerId const& customer);
/// Every customer's pending ones that were made by `made_by` and are due for a look: under the system's scope only.
Result<std::vector<Intent>> list_intents_to_follow_up(Reader& reader, Timestamp now, Timestamp made_by, int limit);
Status set_intent_follow_up(Writer& writer, Intent const& intent, Timestamp at);

}  // namespace billhook::store
