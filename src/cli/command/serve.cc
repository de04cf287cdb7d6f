#include "base/check.h"
#include "cli/command/commands.h"

namespace billhook::cli {

ExitCode run_serve(CommandCall const& call) {
    auto const problems = problems_with_serving(call.configuration);
    for (auto const& problem : problems) call.error << "billhook: " << problem << "\n";
    if (!problems.empty()) return ExitCode::usage;
    CHECK(call.programs.serve);
    return static_cast<ExitCode>(call.programs.serve(call.configuration));
}

ExitCode run_sandbox(CommandCall const& call) {
    CHECK(call.programs.sandbox);
    return static_cast<ExitCode>(call.programs.sandbox(call.configuration));
}

}  // namespace billhook::cli
