// `migrate`: brings the database to this program's version.

#include <filesystem>

#include "base/json.h"
#include "cli/command/commands.h"
#include "store/open_store.h"

namespace billhook::cli {

ExitCode run_migrate(CommandCall const& call) {
    auto const& configuration = call.configuration;
    if (configuration.database.empty()) {
        std::error_code error;
        std::filesystem::create_directories(configuration.data, error);
        if (error)
            return report(call, unavailable("data_not_writable", "cannot make the directory '" + configuration.data +
                                                                     "': " + error.message()));
    }
    auto const applied = store::migrate(configuration.database_address());
    if (!applied) return report(call, applied.error());
    if (call.wants_json) {
        JsonArray names;
        for (auto const& name : *applied) names.emplace_back(name);
        call.out << to_text(JsonObject{{"applied", std::move(names)}}) << "\n";
        return ExitCode::ok;
    }
    for (auto const& name : *applied) call.out << "applied " << name << "\n";
    if (applied->empty()) call.out << "the database is up to date\n";
    return ExitCode::ok;
}

}  // namespace billhook::cli
