#pragma once
// JSON trees and their strict reading. The parser refuses duplicate keys, too deep nesting and numbers that do not
// fit in 64 bits, because a reader that accepts two meanings of one body can be made to disagree with another reader.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace billhook {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

struct JsonLimits {
    int depth_max = 32;
    std::size_t bytes_max = 1 << 20;
};

/// Errors are `invalid` with reason "invalid_json" and say where (byte offset).
Result<Json> parse_json(std::string_view text, JsonLimits const& limits = {});

std::string to_text(Json const& value);
std::string to_text(JsonObject const& value);

// Lenient look-ups for trees from outside: absent, null and other types give nullptr, nullopt or the fallback.
Json const* find(Json const& value, std::string_view key);
Json const* find(JsonObject const& object, std::string_view key);

/// Where a look-up begins: a tree, or an object that stands in none. For arguments only: it copies neither.
class JsonRoot {
  public:
    JsonRoot(Json const& value) : value_(&value), object_(value.if_object()) {}
    JsonRoot(JsonObject const& object) : object_(&object) {}

    Json const* value() const { return value_; }
    JsonObject const* object() const { return object_; }

  private:
    Json const* value_ = nullptr;
    JsonObject const* object_;
};

/// Follows a path of object keys written with dots: "parent.subscription_details.subscription".
Json const* find_path(JsonRoot root, std::string_view dotted_path);
std::optional<std::string> find_string(JsonRoot root, std::string_view dotted_path);
std::optional<std::int64_t> find_int(JsonRoot root, std::string_view dotted_path);
std::optional<bool> find_bool(JsonRoot root, std::string_view dotted_path);
std::string string_or(JsonRoot root, std::string_view dotted_path, std::string fallback = {});
std::int64_t int_or(JsonRoot root, std::string_view dotted_path, std::int64_t fallback = 0);
bool bool_or(JsonRoot root, std::string_view dotted_path, bool fallback = false);

inline std::string_view as_view(boost::json::string const& text) {
    return {text.data(), text.size()};
}

}  // namespace billhook
