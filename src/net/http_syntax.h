#pragma once
// The characters of HTTP messages (RFC 9110 section 5.6): what a name may consist of, and what a value.

#include <optional>
#include <string_view>

namespace billhook::net {

/// ASCII's: they are no part of a text.
bool is_control(char c);
/// One or more of the letters, digits and signs that names consist of.
bool is_token(std::string_view text);
/// Without control characters but the tab.
bool is_field_value(std::string_view text);
/// Visible ASCII characters alone.
bool is_visible(std::string_view text);
/// "host" or "host:port" (RFC 3986 section 3.2, without a user); it may be empty.
bool is_authority(std::string_view text);
/// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

struct FieldLine {
    std::string_view name, value;
};
/// "Name: value", without the line's end; nothing where it is no such thing.
std::optional<FieldLine> parse_field_line(std::string_view line);

/// Letters compare without regard to case.
bool same_word(std::string_view a, std::string_view b);

}  // namespace billhook::net
