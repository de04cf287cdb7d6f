#pragma once
// From the text of a catalog file to a Catalog. Strict: what is unknown, doubled, out of range or contradictory is a
// mistake, and all mistakes of a file come back at once, in the order of the file. Opens no file and reads no
// environment: both are handed in. The format is described in docs/decisions/0012-catalog-format.md.

#include <expected>
#include <string>
#include <string_view>

#include "domain/catalog/catalog.h"
#include "domain/catalog/problem.h"
#include "domain/catalog/variable.h"

namespace billhook::catalog {

struct Source {
    std::string file;  // how messages call it
    std::string text;
};

std::expected<Catalog, Problems> parse_catalog(Source const& source, Variables const& variables);

}  // namespace billhook::catalog
