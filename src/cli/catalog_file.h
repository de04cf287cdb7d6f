#pragma once
// The catalog that the configuration names: a file, or with --dev and no file the built-in sample.

#include <expected>

#include "base/result.h"
#include "cli/command.h"
#include "domain/catalog/parse.h"

namespace billhook::cli {

/// The text. not_found where there is no such file.
Result<catalog::Source> read_catalog_source(Configuration const& configuration);

struct LoadedCatalog {
    catalog::Source source;
    catalog::Catalog catalog;
};
/// Reads and parses; variables come from the environment. Prints what is wrong and returns the code to exit with.
std::expected<LoadedCatalog, ExitCode> load_catalog(CommandCall const& call);

}  // namespace billhook::cli
