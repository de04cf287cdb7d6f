#pragma once
// From words to a command and its options, by CLI11; nothing else includes CLI11.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "cli/command.h"

namespace billhook::cli {

struct ParsedCommand {
    Command const* command = nullptr;
    std::map<std::string, std::vector<std::string>, std::less<>> settings;  // flags that set a setting
    std::map<std::string, std::vector<std::string>, std::less<>> options;   // the command's own
    std::vector<std::string> arguments;
    std::string configuration_file;
    bool wants_json = false;
};

struct HelpWanted {
    std::string text;
};

struct UsageMistake {
    std::string message;  // with a hint, and what to ask for help
};

std::variant<ParsedCommand, HelpWanted, UsageMistake> parse_command_line(std::vector<std::string> words);

}  // namespace billhook::cli
