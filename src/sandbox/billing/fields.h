#pragma once
// Reading fields of stored objects without copying them. Paths may be dotted; null and other types count as absent.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace billhook::sandbox {

inline Json const* value_at(JsonObject const& object, std::string_view path) {
    auto const dot = path.find('.');
    auto const* first = find(object, path.substr(0, dot));
    return !first || dot == std::string_view::npos ? first : find_path(*first, path.substr(dot + 1));
}
inline std::string text_at(JsonObject const& object, std::string_view path) {
    auto const* value = value_at(object, path);
    return value && value->is_string() ? std::string(as_view(value->get_string())) : std::string{};
}
inline std::optional<std::int64_t> time_at(JsonObject const& object, std::string_view path) {
    auto const* value = value_at(object, path);
    return value && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}
inline std::int64_t int_at(JsonObject const& object, std::string_view path, std::int64_t fallback = 0) {
    return time_at(object, path).value_or(fallback);
}
inline bool bool_at(JsonObject const& object, std::string_view path) {
    auto const* value = value_at(object, path);
    return value && value->is_bool() && value->get_bool();
}
inline JsonArray const& array_at(JsonObject const& object, std::string_view path) {
    static JsonArray const none;
    auto const* value = value_at(object, path);
    return value && value->is_array() ? value->get_array() : none;
}

/// null for an empty text, which is how the API shows that there is none.
inline Json or_null(std::string const& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}
inline Json or_null(std::optional<std::int64_t> number) {
    return number ? Json(*number) : Json(nullptr);
}

}  // namespace billhook::sandbox
