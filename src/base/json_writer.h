#pragma once
// JsonWriter: one JSON text, member by member, without a tree in between. For the answers of hot doors; everything else
// makes a Json and to_text().

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace billhook {

class JsonWriter {
  public:
    /// The top object is open already.
    JsonWriter();

    /// A member that is an object: its members follow until close().
    JsonWriter& open(std::string_view name);
    JsonWriter& close();
    JsonWriter& text(std::string_view name, std::string_view value);
    JsonWriter& number(std::string_view name, std::int64_t value);
    JsonWriter& boolean(std::string_view name, bool value);
    JsonWriter& null(std::string_view name);
    JsonWriter& number_or_null(std::string_view name, std::optional<std::int64_t> value);

    /// Closes the top object. The writer is used up.
    std::string finish();

  private:
    void begin(std::string_view name);
    void quote(std::string_view value);

    std::string out_;
    bool needs_comma_ = false;
};

}  // namespace billhook
