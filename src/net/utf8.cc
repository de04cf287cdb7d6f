#include "net/utf8.h"

#include <algorithm>

#include "net/http_syntax.h"

namespace billhook::net {

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        auto const byte = [&](std::size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u; };
        unsigned const lead = byte(i);
        int const follow = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        if (lead >= 0x80 && (lead < 0xC2 || lead > 0xF4)) return false;
        for (int k = 1; k <= follow; ++k)
            if ((byte(i + k) & 0xC0) != 0x80) return false;
        unsigned const second = byte(i + 1);
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return false;
        if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return false;
        i += follow + 1;
    }
    return true;
}

bool is_plain_text(std::string_view text) {
    return std::ranges::none_of(text, is_control) && is_utf8(text);
}

}  // namespace billhook::net
