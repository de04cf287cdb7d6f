#include "base/json_writer.h"

#include <array>
#include <charconv>

namespace billhook {
namespace {

constexpr std::size_t bytes_expected = 256;

bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

}  // namespace

JsonWriter::JsonWriter() {
    out_.reserve(bytes_expected);
    out_ += '{';
}

JsonWriter& JsonWriter::open(std::string_view name) {
    begin(name);
    out_ += '{';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close() {
    out_ += '}';
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view name, std::string_view value) {
    begin(name);
    quote(value);
    return *this;
}

JsonWriter& JsonWriter::number(std::string_view name, std::int64_t value) {
    begin(name);
    std::array<char, 20> digits;
    out_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
    return *this;
}

JsonWriter& JsonWriter::boolean(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null(std::string_view name) {
    begin(name);
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::number_or_null(std::string_view name, std::optional<std::int64_t> value) {
    return value ? number(name, *value) : null(name);
}

std::string JsonWriter::finish() {
    out_ += '}';
    return std::move(out_);
}

void JsonWriter::begin(std::string_view name) {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
    quote(name);
    out_ += ':';
}

void JsonWriter::quote(std::string_view value) {
    static constexpr char hex[] = "0123456789abcdef";
    out_ += '"';
    for (std::size_t plain = 0; plain < value.size();) {
        auto end = plain;
        while (end < value.size() && !needs_escape(value[end])) ++end;
        out_.append(value, plain, end - plain);
        if (end < value.size()) {
            char const c = value[end];
            if (c == '"' || c == '\\') {
                out_ += '\\';
                out_ += c;
            } else {
                out_ += "\\u00";
                out_ += hex[static_cast<unsigned char>(c) >> 4];
                out_ += hex[c & 15];
            }
        }
        plain = end + 1;
    }
    out_ += '"';
}

}  // namespace billhook
