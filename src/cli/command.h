#pragma once
// Command: one subcommand as data. Parser, help and shell completion are made from the same table, so they agree.

#include <functional>
#include <map>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/configuration.h"
#include "cli/exit_code.h"
#include "cli/load_configuration.h"

namespace billhook::cli {

/// The long-running programs, handed in by main: cli knows neither the server nor the sandbox.
struct Programs {
    std::function<int(Configuration const&)> serve;
    std::function<int(Configuration const&)> sandbox;
};

/// One call of one command.
struct CommandCall {
    Configuration const& configuration;
    Environment const& environment;
    Programs const& programs;
    std::ostream& out;
    std::ostream& error;
    bool wants_json = false;
    std::map<std::string, std::vector<std::string>, std::less<>> options;  // by name, without the dashes
    std::vector<std::string> arguments;

    bool has(std::string_view option) const { return options.contains(option); }
    std::string option(std::string_view name, std::string const& fallback = {}) const {
        auto const found = options.find(name);
        return found == options.end() || found->second.empty() ? fallback : found->second.back();
    }
};

struct Option {
    std::string_view name;         // "scopes" for --scopes
    std::string_view placeholder;  // empty: a yes-or-no flag
    std::string_view help;
    std::string_view setting = {};  // not empty: sets this setting, under a name that suits the command
};

struct Argument {
    std::string_view name;
    std::string_view help;
    bool is_required = true;
    bool is_repeatable = false;  // the last one only
    std::vector<std::string_view> choices = {};
};

struct Command {
    std::string_view path;  // "catalog plan"
    std::string_view summary;
    ExitCode (*run)(CommandCall const&);
    std::vector<std::string_view> examples;
    std::vector<Option> options = {};
    std::vector<Argument> arguments = {};
    bool shows_settings = false;  // in its help; the flags are understood by every command
};

std::span<Command const> command_table();
/// "catalog" → what the group is about.
std::string_view summary_of_group(std::string_view group);

/// Writes the error for people (or with --json as an object) to standard error; returns the code to exit with.
ExitCode report(CommandCall const& call, Error const& error);
/// The same for an option that is wrong: always ExitCode::usage.
ExitCode report_usage(CommandCall const& call, Error const& error);

}  // namespace billhook::cli
