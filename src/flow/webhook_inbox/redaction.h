#pragma once
// Personal data leaves an event before its row is written: names, addresses, e-mail, phone, card digits, free text,
// secrets and links that open something for their holder, and metadata but for an allow-list. Ids, types, statuses,
// amounts and times stay; handlers fetch what else they need. Values are replaced, fields are kept, null stays null, so
// that one can still see what was set.

#include <set>
#include <string>

#include "base/json.h"

namespace billhook::flow {

inline constexpr std::string_view redacted = "[redacted]";

/// Keys of metadata whose values stay, beside our own ("billhook_…").
using AllowedMetadata = std::set<std::string, std::less<>>;

void redact(Json& tree, AllowedMetadata const& allowed_metadata = {});

}  // namespace billhook::flow
