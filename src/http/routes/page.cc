#include "http/routes/page.h"

#include <charconv>

namespace billhook::http {

Result<PageRequest> read_page(Fields& fields) {
    PageRequest page;
    page.limit = static_cast<int>(fields.optional_integer("limit", 1, 100).value_or(20));
    auto const text = fields.optional_text("starting_after", 200);
    if (!text) return page;
    page.after_id = *text;
    auto const dot = text->find('.');
    store::Cursor cursor;
    auto const [end, error] = std::from_chars(text->data(), text->data() + std::min(dot, text->size()), cursor.at.ms);
    if (dot != std::string::npos && error == std::errc{} && end == text->data() + dot) {
        cursor.id = text->substr(dot + 1);
        page.after = std::move(cursor);
    }
    return page;
}

std::string cursor_text(store::Cursor const& cursor) {
    return std::to_string(cursor.at.ms) + "." + cursor.id;
}

}  // namespace billhook::http
