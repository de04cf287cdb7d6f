#pragma once
// The command-line program: parses the arguments against the command table, loads the configuration, runs the command.
// Wrong words are answered with the nearest right one and exit code 2.

#include <ostream>
#include <string>
#include <vector>

#include "cli/command.h"

namespace billhook::cli {

inline constexpr std::string_view program_version = "0.1.0";

struct Streams {
    std::ostream& out;
    std::ostream& error;
};

/// `arguments` without the program's own name. Returns the exit code.
int run_program(std::vector<std::string> arguments, Environment const& environment, Programs const& programs,
                Streams streams);

}  // namespace billhook::cli
