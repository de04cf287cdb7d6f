#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/eight_bytes.h"

namespace billhook {
namespace {

constexpr std::size_t bytes_expected = 384;

constexpr auto needs_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

constexpr std::size_t eight = sizeof(std::uint64_t);

bool may_need_escape(char const* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    return (bytes_below(word, 0x20) | bytes_below(word ^ in_each_byte('"'), 1) |
            bytes_below(word ^ in_each_byte('\\'), 1)) != 0;
}

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

void JsonText::quote(std::string_view value) {
    char* const begin = room(value.size() * escaped_bytes_max + 2);
    char* end = begin;
    *end++ = '"';
    // Eight at once as long as none of them needs an escape, which is nearly always.
    for (; value.size() >= eight && !may_need_escape(value.data()); value.remove_prefix(eight)) {
        std::memcpy(end, value.data(), eight);
        end += eight;
    }
    for (char const c : value) {
        if (needs_escape[static_cast<unsigned char>(c)])
            end = escape(end, c);
        else
            *end++ = c;
    }
    *end++ = '"';
    size_ += static_cast<std::size_t>(end - begin);
}

void JsonText::member(std::string_view name, bool needs_comma) {
    constexpr std::size_t signs = 4;
    char* const begin = room(name.size() + signs);
    char* end = begin;
    if (needs_comma) *end++ = ',';
    *end++ = '"';
    std::memcpy(end, name.data(), name.size());
    end += name.size();
    *end++ = '"';
    *end++ = ':';
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

void JsonText::grow(std::size_t bytes) {
    text_.resize(std::max(2 * text_.size(), size_ + bytes));
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
    out_.member(name, needs_comma_);
    needs_comma_ = true;
}

}  // namespace billhook
