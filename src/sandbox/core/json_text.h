#pragma once
// JSON text at the end of a string, without a serializer's state: events are written by the hundred thousand.

#include <string>

#include "base/json.h"

namespace billhook::sandbox {

void append_json(std::string& text, Json const& value);
void append_json(std::string& text, JsonObject const& object);
void append_json_string(std::string& text, std::string_view value);

}  // namespace billhook::sandbox
