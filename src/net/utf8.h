#pragma once
// Is a text from outside one that JSON can carry?

#include <string_view>

namespace billhook::net {

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);
/// UTF-8 without control characters.
bool is_plain_text(std::string_view text);

}  // namespace billhook::net
