#pragma once
// Pages of lists: `limit` and `starting_after`, where the cursor is what the page before called `next`.

#include <optional>
#include <string>

#include "http/fields.h"
#include "store/cursor.h"

namespace billhook::http {

struct PageRequest {
    int limit = 20;  // 1..100
    std::optional<store::Cursor> after;
};

/// Reads both fields; `fields` still has to be finished. A cursor that is none of ours is a mistake: from the beginning
/// again, a client would read for ever.
PageRequest read_page(Fields& fields);
int read_limit(Fields& fields);
std::string cursor_text(store::Cursor const& cursor);

/// {data, has_more, next}: `rows` holds one more than the limit where more follows. `next_of` names the place of a row.
template <class Row, class Render, class NextOf>
JsonObject render_page(std::vector<Row> const& rows, int limit, Render render, NextOf next_of) {
    JsonArray data;
    bool const has_more = rows.size() > static_cast<std::size_t>(limit);
    for (std::size_t i = 0; i < rows.size() && i < static_cast<std::size_t>(limit); ++i)
        data.push_back(render(rows[i]));
    return {{"data", std::move(data)},
            {"has_more", has_more},
            {"next", has_more ? Json(next_of(rows[static_cast<std::size_t>(limit) - 1])) : Json(nullptr)}};
}

}  // namespace billhook::http
