#include "http/routes/page.h"

#include <charconv>

namespace billhook::http {
namespace {

std::optional<store::Cursor> parse_cursor(std::string_view text) {
    auto const dot = text.find('.');
    if (dot == std::string_view::npos || dot + 1 == text.size()) return std::nullopt;
    store::Cursor cursor;
    auto const [end, error] = std::from_chars(text.data(), text.data() + dot, cursor.at.ms);
    if (error != std::errc{} || end != text.data() + dot) return std::nullopt;
    cursor.id = text.substr(dot + 1);
    return cursor;
}

}  // namespace

int read_limit(Fields& fields) {
    return static_cast<int>(fields.optional_integer("limit", 1, 100).value_or(20));
}

PageRequest read_page(Fields& fields) {
    PageRequest page{.limit = read_limit(fields), .after = std::nullopt};
    auto const text = fields.optional_text("starting_after", 200);
    if (!text) return page;
    page.after = parse_cursor(*text);
    if (!page.after) fields.mistake("starting_after", "expected what the page before called next");
    return page;
}

std::string cursor_text(store::Cursor const& cursor) {
    return std::to_string(cursor.at.ms) + "." + cursor.id;
}

}  // namespace billhook::http
