#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace billhook {
namespace {

constexpr std::size_t bytes_expected = 384;

constexpr auto needs_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

// A control character becomes six.
constexpr std::size_t escaped_bytes_max = 6;

char* escape(char* out, char c) {
    static constexpr char hex[] = "0123456789abcdef";
    *out++ = '\\';
    if (c == '"' || c == '\\') {
        *out++ = c;
        return out;
    }
    for (char const part : {'u', '0', '0', hex[static_cast<unsigned char>(c) >> 4], hex[c & 15]}) *out++ = part;
    return out;
}

}  // namespace

JsonText::JsonText(std::size_t bytes_expected) : text_(bytes_expected, ' ') {}

void JsonText::append(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
}

void JsonText::quote(std::string_view value) {
    char* const begin = room(value.size() * escaped_bytes_max + 2);
    char* end = begin;
    *end++ = '"';
    for (char const c : value) {
        if (needs_escape[static_cast<unsigned char>(c)])
            end = escape(end, c);
        else
            *end++ = c;
    }
    *end++ = '"';
    size_ += static_cast<std::size_t>(end - begin);
}

void JsonText::number(std::int64_t value) {
    std::array<char, 20> digits;
    append({digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr});
}

std::string JsonText::take() {
    text_.resize(size_);
    return std::move(text_);
}

char* JsonText::room(std::size_t bytes) {
    if (text_.size() - size_ < bytes) text_.resize(std::max(2 * text_.size(), size_ + bytes));
    return text_.data() + size_;
}

JsonWriter::JsonWriter() : out_(bytes_expected) {
    out_.append("{");
}

JsonWriter& JsonWriter::open(std::string_view name) {
    begin(name);
    out_.append("{");
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close() {
    out_.append("}");
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view name, std::string_view value) {
    begin(name);
    out_.quote(value);
    return *this;
}

JsonWriter& JsonWriter::number(std::string_view name, std::int64_t value) {
    begin(name);
    out_.number(value);
    return *this;
}

JsonWriter& JsonWriter::boolean(std::string_view name, bool value) {
    begin(name);
    out_.append(value ? "true" : "false");
    return *this;
}

JsonWriter& JsonWriter::null(std::string_view name) {
    begin(name);
    out_.append("null");
    return *this;
}

JsonWriter& JsonWriter::number_or_null(std::string_view name, std::optional<std::int64_t> value) {
    return value ? number(name, *value) : null(name);
}

std::string JsonWriter::finish() {
    out_.append("}");
    return out_.take();
}

void JsonWriter::begin(std::string_view name) {
    if (needs_comma_) out_.append(",");
    needs_comma_ = true;
    out_.quote(name);
    out_.append(":");
}

}  // namespace billhook
