#pragma once
// API keys as rows. Under the system's scope only.

#include <optional>
#include <string_view>
#include <vector>

#include "domain/access/api_key.h"
#include "store/cursor.h"
#include "store/store.h"

namespace billhook::store {

Status insert_api_key(Writer& writer, access::ApiKey const& key);
Result<std::optional<access::ApiKey>> find_api_key(Reader& reader, std::string_view id);
/// Newest first, revoked ones too.
Result<std::vector<access::ApiKey>> list_api_keys(Reader& reader, std::optional<Cursor> const& after, int limit);
/// Those that are neither revoked nor expired: what a server keeps in memory.
Result<std::vector<access::ApiKey>> list_valid_api_keys(Reader& reader, Timestamp now);
/// Revoking again keeps the first time. not_found where there is no such key.
Status revoke_api_key(Writer& writer, std::string_view id, Timestamp now);
/// Never moves back.
Status touch_api_key(Writer& writer, std::string_view id, Timestamp last_used_at);

}  // namespace billhook::store
