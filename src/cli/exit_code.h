#pragma once
// How a command ended, for the script that called it. exit_code_table is what the help prints; add, never renumber.

#include <span>
#include <string_view>

#include "base/error.h"

namespace billhook::cli {

enum class ExitCode : int {
    ok = 0,
    failure = 1,      // it was understood and did not work
    usage = 2,        // command line or configuration not understood; nothing was done
    differences = 3,  // it worked, and what it compared differs
    invalid_file = 4,
    unavailable = 5,  // Stripe or the database did not answer; trying again may help
};

struct ExitCodeRow {
    ExitCode code;
    std::string_view meaning;
};
std::span<ExitCodeRow const> exit_code_table();

ExitCode exit_code_of(Error const& error);

}  // namespace billhook::cli
