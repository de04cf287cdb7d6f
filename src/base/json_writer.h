#pragma once
// JsonWriter: one JSON text, member by member, without a tree in between. Names of members are plain words, the values
// may be any text. For the answers of hot doors; everything else makes a Json and to_text().

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace billhook {

/// The text itself, piece by piece. What the pieces make together is the caller's concern.
class JsonText {
  public:
    explicit JsonText(std::size_t bytes_expected);

    void append(std::string_view text) {
        std::memcpy(room(text.size()), text.data(), text.size());
        size_ += text.size();
    }
    void quote(std::string_view value);
    void number(std::int64_t value);
    /// The beginning of a member whose name is a plain word.
    void member(std::string_view name, bool needs_comma);
    std::string take();

  private:
    /// Room for so many bytes more, behind what is written.
    char* room(std::size_t bytes) {
        if (text_.size() - size_ < bytes) [[unlikely]]
            grow(bytes);
        return text_.data() + size_;
    }
    void grow(std::size_t bytes);

    std::string text_;  // longer than what is written: so much of it is
    std::size_t size_ = 0;
};

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

    JsonText out_;
    bool needs_comma_ = false;
};

}  // namespace billhook
