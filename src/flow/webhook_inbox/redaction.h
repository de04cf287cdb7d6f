#pragma once
// Personal data leaves an event before its row is written: names, addresses, e-mail, phone, card digits, free text,
// secrets and links that open something for their holder, and metadata but for an allow-list. Ids, types, statuses,
// amounts and times stay; handlers fetch what else they need. Values are replaced, fields are kept, null stays null, so
// that one can still see what was set.

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace simdjson::dom {
class element;  // NOLINT(readability-identifier-naming): the library's own name
}

namespace billhook::flow {

inline constexpr std::string_view redacted = "[redacted]";

/// Keys of metadata whose values stay, beside our own ("billhook_…").
using AllowedMetadata = std::set<std::string, std::less<>>;

/// The text of what is left. invalid "invalid_json" where an object has a key twice, or the nesting is too deep.
Result<std::string> redact(simdjson::dom::element const& tree, AllowedMetadata const& allowed_metadata = {},
                           std::size_t bytes_expected = 1024);

}  // namespace billhook::flow
