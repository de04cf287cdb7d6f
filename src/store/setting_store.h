#pragma once
// Settings: what the program remembers about itself, by name (the webhook endpoint's id and secrets, for example).
// Under the system's scope only.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace billhook::store {

Result<std::optional<std::string>> find_setting(Reader& reader, std::string_view name);
Status save_setting(Writer& writer, std::string_view name, std::string_view value, Timestamp now);
Status remove_setting(Writer& writer, std::string_view name);
/// All settings by name. Values may be secrets: never log or show them as they are.
Result<std::map<std::string, std::string>> list_settings(Reader& reader);

}  // namespace billhook::store
