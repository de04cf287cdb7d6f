#pragma once
// api/openapi.yaml, built into the program and served at /openapi.yaml.

#include <string_view>

namespace billhook::http {

std::string_view openapi_text();

}  // namespace billhook::http
