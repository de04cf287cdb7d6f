#include "cli/exit_code.h"

namespace billhook::cli {

std::span<ExitCodeRow const> exit_code_table() {
    static constexpr ExitCodeRow table[] = {
        {ExitCode::ok, "it worked, and nothing differs"},
        {ExitCode::failure, "it was understood and did not work"},
        {ExitCode::usage, "the command line or the configuration is wrong; nothing was done"},
        {ExitCode::differences, "it worked, and what was compared differs (catalog plan, webhooks status)"},
        {ExitCode::invalid_file, "the catalog file is wrong"},
        {ExitCode::unavailable, "Stripe or the database did not answer; trying again may help"},
    };
    return table;
}

ExitCode exit_code_of(Error const& error) {
    return error.kind == ErrorKind::unavailable ? ExitCode::unavailable : ExitCode::failure;
}

}  // namespace billhook::cli
