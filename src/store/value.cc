#include "store/value.h"

#include <cstring>

#include "base/check.h"
#include "base/eight_bytes.h"

namespace billhook::store {
namespace {

/// The length of the UTF-8 sequence that starts here, 0 where it is broken.
std::size_t sequence_length(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char const first = byte(0);
    std::size_t const length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 0 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    // Overlong forms, surrogates and what lies beyond U+10FFFF.
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return length;
}

/// Eight characters of ASCII, none of which is U+0000: what nearly all of an event's payload consists of.
bool begins_with_eight_plain(std::string_view text) {
    std::uint64_t word = 0;
    if (text.size() < sizeof word) return false;
    std::memcpy(&word, text.data(), sizeof word);
    return (bytes_below(word, 1) | (word & in_each_byte(0x80))) == 0;
}

bool is_storable(std::string_view text) {
    while (!text.empty()) {
        if (begins_with_eight_plain(text)) {
            text.remove_prefix(sizeof(std::uint64_t));
            continue;
        }
        std::size_t const length = sequence_length(text);
        if (length == 0 || text[0] == '\0') return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace

Status check_values(Values const& values) {
    for (Value const& value : values) {
        if (std::string const* text = value.if_text(); text && !is_storable(*text))
            return fail(invalid("", "Text must be UTF-8 without the character U+0000.", "invalid_text"));
    }
    return {};
}

bool Row::is_null(int column) const {
    return columns_.at(static_cast<std::size_t>(column)).is_null();
}

std::int64_t Row::integer(int column) const {
    auto const* number = columns_.at(static_cast<std::size_t>(column)).if_integer();
    CHECK(number != nullptr);
    return *number;
}

std::string const& Row::text(int column) const {
    auto const* text = columns_.at(static_cast<std::size_t>(column)).if_text();
    CHECK(text != nullptr);
    return *text;
}

std::string Row::text_or_empty(int column) const {
    return is_null(column) ? std::string() : text(column);
}

std::optional<Timestamp> Row::optional_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

std::optional<std::int64_t> Row::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

}  // namespace billhook::store
