#include "cli/catalog_file.h"

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "domain/catalog/sample.h"

namespace billhook::cli {

Result<catalog::Source> read_catalog_source(Configuration const& configuration) {
    if (configuration.catalog.empty() && configuration.dev) return catalog::sample_source();
    std::string const path = configuration.catalog.empty() ? "catalog.yaml" : configuration.catalog;
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf()))
        return fail(not_found("cannot read the catalog file '" + path +
                              "'; --catalog names another one, and with --dev the built-in sample serves"));
    return catalog::Source{path, std::move(text).str()};
}

std::expected<LoadedCatalog, ExitCode> load_catalog(CommandCall const& call) {
    auto source = read_catalog_source(call.configuration);
    if (!source) {
        report(call, source.error());
        return std::unexpected(ExitCode::invalid_file);
    }
    auto catalog = catalog::parse_catalog(*source, call.environment);
    if (catalog) return LoadedCatalog{std::move(*source), std::move(*catalog)};
    if (call.wants_json) {
        JsonArray problems;
        for (auto const& problem : catalog.error())
            problems.push_back(JsonObject{{"file", problem.file},
                                          {"line", problem.position.line},
                                          {"column", problem.position.column},
                                          {"path", problem.path},
                                          {"message", problem.message}});
        call.out << to_text(JsonObject{{"valid", false}, {"problems", std::move(problems)}}) << "\n";
    } else {
        for (auto const& problem : catalog.error()) call.error << to_text(problem) << "\n";
        auto const count = catalog.error().size();
        call.error << "billhook: " << count << (count == 1 ? " mistake" : " mistakes") << " in the catalog\n";
    }
    return std::unexpected(ExitCode::invalid_file);
}

}  // namespace billhook::cli
