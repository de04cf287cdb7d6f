#include "net/http_syntax.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/eight_bytes.h"

namespace billhook::net {
namespace {

/// Letters, digits and these signs.
constexpr std::array<bool, 256> alphanumeric_and(std::string_view signs) {
    std::array<bool, 256> table{};
    for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
    for (unsigned char const c : signs) table[c] = true;
    return table;
}

constexpr auto token_characters = alphanumeric_and("!#$%&'*+-.^_`|~");
/// Of a host's name, without an escape (RFC 3986 section 3.2.2).
constexpr auto name_characters = alphanumeric_and("-._~%!$&'()*+,;=");

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Eight characters at once: might one of them be a control character? A tab counts as one here.
bool may_hold_control(char const* eight) {
    std::uint64_t word = 0;
    std::memcpy(&word, eight, sizeof word);
    return (bytes_below(word, 0x20) | bytes_below(word ^ in_each_byte(0x7F), 1)) != 0;
}

}  // namespace

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_token(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return token_characters[static_cast<unsigned char>(c)]; });
}

bool is_field_value(std::string_view text) {
    auto const is_allowed = [](char c) { return !is_control(c) || c == '\t'; };
    // A token of some hundred characters is nothing unusual.
    for (; text.size() >= 8; text.remove_prefix(8))
        if (may_hold_control(text.data()) && !std::ranges::all_of(text.substr(0, 8), is_allowed)) return false;
    return std::ranges::all_of(text, is_allowed);
}

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

bool is_authority(std::string_view text) {
    auto const is_of_name = [](char c) { return name_characters[static_cast<unsigned char>(c)]; };
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        auto const address = text.substr(1, end - 1);
        bool const is_address =
            !address.empty() && std::ranges::all_of(address, [&](char c) { return c == ':' || is_of_name(c); });
        if (end == std::string_view::npos || !is_address) return false;
        text.remove_prefix(end + 1);
    } else {
        auto const end = std::ranges::find_if_not(text, is_of_name);
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    }
    if (text.empty()) return true;
    return text.front() == ':' && std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<FieldLine> parse_field_line(std::string_view line) {
    auto const colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    FieldLine const field{line.substr(0, colon), trim(line.substr(colon + 1))};
    if (!is_token(field.name) || !is_field_value(field.value)) return std::nullopt;
    return field;
}

// Nearly all spell a word alike, so that is tried first.
bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    return std::memcmp(a.data(), b.data(), a.size()) == 0 || std::ranges::equal(a, b, {}, to_lower, to_lower);
}

}  // namespace billhook::net
