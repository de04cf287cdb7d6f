#include "sandbox/core/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace billhook::sandbox {
namespace {

constexpr std::uint64_t every_byte = 0x0101010101010101U;

/// Marks at least one byte of eight where one of them is under `limit` (at most 128), and none where none is.
std::uint64_t bytes_under(std::uint64_t eight, std::uint64_t limit) {
    return (eight - every_byte * limit) & ~eight & (every_byte << 7);
}

// Eight characters at a time: nearly no text needs one.
bool needs_escape(std::string_view text) {
    std::uint64_t found = 0;
    while (!text.empty()) {
        std::uint64_t eight = every_byte * 'x';
        auto const length = std::min(text.size(), sizeof eight);
        std::memcpy(&eight, text.data(), length);
        found |= bytes_under(eight, 0x20) | bytes_under(eight ^ (every_byte * '"'), 1) |
                 bytes_under(eight ^ (every_byte * '\\'), 1);
        text.remove_prefix(length);
    }
    return found != 0;
}

void append_integer(std::string& text, std::int64_t value) {
    char digits[24];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_array(std::string& text, JsonArray const& array) {
    char separator = '[';
    for (auto const& element : array) {
        text += separator;
        append_json(text, element);
        separator = ',';
    }
    text += array.empty() ? "[]" : "]";
}

}  // namespace

void append_json_string(std::string& text, std::string_view value) {
    if (needs_escape(value)) {
        text += to_text(Json(value));
        return;
    }
    text += '"';
    text += value;
    text += '"';
}

void append_json(std::string& text, JsonObject const& object) {
    char separator = '{';
    for (auto const& [key, value] : object) {
        text += separator;
        append_json_string(text, key);
        text += ':';
        append_json(text, value);
        separator = ',';
    }
    text += object.empty() ? "{}" : "}";
}

void append_json(std::string& text, Json const& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            text += "null";
            return;
        case boost::json::kind::bool_:
            text += value.get_bool() ? "true" : "false";
            return;
        case boost::json::kind::int64:
            return append_integer(text, value.get_int64());
        case boost::json::kind::string:
            return append_json_string(text, as_view(value.get_string()));
        case boost::json::kind::array:
            return append_array(text, value.get_array());
        case boost::json::kind::object:
            return append_json(text, value.get_object());
        default:  // decimals and the largest integers
            text += to_text(value);
    }
}

}  // namespace billhook::sandbox
