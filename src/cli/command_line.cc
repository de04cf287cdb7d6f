#include "cli/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "base/nearest_name.h"
#include "cli/program.h"
#include "cli/setting_table.h"

namespace billhook::cli {
namespace {

// One command as CLI11 knows it, with what its flags mean to us.
struct Parser {
    Command const* command = nullptr;
    CLI::App* app = nullptr;
    std::map<std::string, CLI::Option*> settings;
    std::map<std::string, CLI::Option*> options;
    std::vector<std::string> words;  // the positionals
};

// CLI11 does not know our positionals, which are checked here, so the usage line is ours.
class CommandHelp : public CLI::Formatter {
  public:
    explicit CommandHelp(std::string usage) : usage_(std::move(usage)) {
        column_width(42);
        label("Subcommands", "Commands");
    }
    std::string make_usage(CLI::App const*, std::string) const override { return usage_ + "\n"; }

  private:
    std::string usage_;
};

// CLI11 leaves one to three blank lines between the parts of a help page.
std::string help_of(CLI::App const& app) {
    auto text = app.help();
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) text.erase(at, 1);
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
}

std::string exit_codes() {
    std::string text = "Exit codes:\n";
    for (auto const& row : exit_code_table())
        text += "  " + std::to_string(static_cast<int>(row.code)) + "  " + std::string(row.meaning) + "\n";
    return text;
}

std::string footer_of(Command const& command) {
    std::string text = "\nExamples:\n";
    for (auto const example : command.examples) text += "  " + std::string(example) + "\n";
    return text;
}

// Our own table says which values there are; CLI11 need not repeat types.
CLI::Option* add(CLI::App& app, std::string const& flag, std::string_view placeholder, std::string_view help) {
    if (placeholder.empty()) return app.add_flag(flag)->description(std::string(help));
    auto* option = app.add_option(flag)->description(std::string(help));
    return option->type_name(std::string(placeholder))
        ->type_size(1)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_settings(Parser& parser) {
    std::set<std::string_view> renamed;
    for (auto const& option : parser.command->options) {
        renamed.insert(option.name);
        if (!option.setting.empty()) renamed.insert(option.setting);
    }
    for (auto const& setting : setting_table()) {
        auto const flag = flag_of(setting.name);
        if (renamed.contains(std::string_view(flag).substr(2)) || renamed.contains(setting.name)) continue;
        auto const group = parser.command->shows_settings ? "Settings: " + std::string(setting.group) : std::string();
        auto help = std::string(setting.help);
        if (!setting.standard.empty()) help += " (" + std::string(setting.standard) + ")";
        parser.settings[std::string(setting.name)] =
            add(*parser.app, flag, placeholder_of(setting), help)->group(group);
        if (!setting.is_secret) continue;
        parser.settings[std::string(setting.name) + "_file"] =
            add(*parser.app, flag + "-file", "PATH", "the same, from a file")->group(group);
    }
}

std::string usage_words(Command const& command) {
    std::string words;
    for (auto const& argument : command.arguments) {
        auto word = std::string(argument.name) + (argument.is_repeatable ? "..." : "");
        words += " " + (argument.is_required ? word : "[" + word + "]");
    }
    return words;
}

void add_command(CLI::App& parent, std::string const& name, Parser& parser) {
    auto const& command = *parser.command;
    auto& app = *parent.add_subcommand(name, std::string(command.summary));
    parser.app = &app;
    app.set_help_flag("-h,--help", "this page");
    app.allow_extras();
    app.footer(footer_of(command));
    for (auto const& option : command.options) {
        auto* added = add(app, "--" + std::string(option.name), option.placeholder, option.help);
        if (option.setting.empty())
            parser.options[std::string(option.name)] = added;
        else
            parser.settings[std::string(option.setting)] = added;
    }
    parser.options["json"] = add(app, "--json", "", "print JSON, for programs");
    parser.options["config"] = add(app, "--config", "PATH", "the configuration file (billhook.yaml)");
    add_settings(parser);
    std::string about;
    for (auto const& argument : command.arguments)
        about += "\n  " + std::string(argument.name) + "  " + std::string(argument.help);
    app.formatter(std::make_shared<CommandHelp>("Usage: billhook " + std::string(command.path) + usage_words(command) +
                                                " [OPTIONS]" + (about.empty() ? "" : "\n" + about)));
}

std::vector<std::string_view> names_in(std::string_view group) {
    std::vector<std::string_view> names;
    for (auto const& command : command_table()) {
        auto const space = command.path.find(' ');
        auto const first = command.path.substr(0, space);
        auto const name = group.empty() ? first : space == std::string_view::npos ? "" : command.path.substr(space + 1);
        if ((group.empty() || first == group) && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

UsageMistake unknown_command(std::string const& word, std::string const& group) {
    auto const names = names_in(group);
    auto const whole = group.empty() ? word : group + " " + word;
    return {"unknown command '" + whole + "'" + nearest_name_hint(word, names) + "\nbillhook " +
            (group.empty() ? "" : group + " ") + "--help lists the commands."};
}

UsageMistake unknown_flag(Parser const& parser, std::string const& flag) {
    std::vector<std::string> names = {"help", "json", "config"};
    for (auto const& [name, option] : parser.settings) names.push_back(option->get_single_name());
    for (auto const& [name, option] : parser.options) names.push_back(option->get_single_name());
    auto word = flag.substr(0, flag.find('='));
    word.erase(0, word.find_first_not_of('-'));
    auto const nearest = nearest_name(word, names);
    auto const path = std::string(parser.command->path);
    return {"unknown option '" + flag.substr(0, flag.find('=')) + "'" +
            (nearest.empty() ? "" : "; did you mean '--" + nearest + "'?") + "\nbillhook " + path +
            " --help lists the options."};
}

std::variant<ParsedCommand, HelpWanted, UsageMistake> collect(Parser const& parser) {
    ParsedCommand parsed;
    parsed.command = parser.command;
    for (auto const& word : parser.app->remaining()) {
        if (word.size() > 1 && word.starts_with('-') && word != "--") return unknown_flag(parser, word);
        if (word != "--") parsed.arguments.push_back(word);
    }
    for (auto const& [name, option] : parser.settings)
        if (option->count() > 0) parsed.settings[name] = option->results();
    for (auto const& [name, option] : parser.options)
        if (option->count() > 0) parsed.options[name] = option->results();
    parsed.wants_json = parsed.options.erase("json") > 0;
    if (auto const found = parsed.options.find("config"); found != parsed.options.end()) {
        parsed.configuration_file = found->second.back();
        parsed.options.erase(found);
    }
    auto const& arguments = parser.command->arguments;
    for (std::size_t i = parsed.arguments.size(); i < arguments.size(); ++i)
        if (arguments[i].is_required)
            return UsageMistake{"missing " + std::string(arguments[i].name) + ": " + std::string(arguments[i].help) +
                                "\nUsage: billhook " + std::string(parser.command->path) +
                                usage_words(*parser.command)};
    bool const is_open = !arguments.empty() && arguments.back().is_repeatable;
    if (parsed.arguments.size() > arguments.size() && !is_open)
        return UsageMistake{"unexpected '" + parsed.arguments[arguments.size()] + "'\nUsage: billhook " +
                            std::string(parser.command->path) + usage_words(*parser.command)};
    for (std::size_t i = 0; i < std::min(parsed.arguments.size(), arguments.size()); ++i) {
        auto const& choices = arguments[i].choices;
        if (!choices.empty() && std::ranges::find(choices, parsed.arguments[i]) == choices.end())
            return UsageMistake{"unknown " + std::string(arguments[i].name) + " '" + parsed.arguments[i] + "'" +
                                nearest_name_hint(parsed.arguments[i], choices)};
    }
    return parsed;
}

}  // namespace

std::variant<ParsedCommand, HelpWanted, UsageMistake> parse_command_line(std::vector<std::string> words) {
    CLI::App app("Billhook: subscriptions, entitlements and usage between an application and Stripe.", "billhook");
    app.set_help_flag("-h,--help", "this page");
    app.set_version_flag("--version", "billhook " + std::string(program_version), "the program's version");
    app.footer("\nbillhook COMMAND --help explains a command.\n\n" + exit_codes());
    app.allow_extras();
    app.formatter(std::make_shared<CommandHelp>("Usage: billhook COMMAND [OPTIONS]"));

    std::vector<Parser> parsers(command_table().size());
    std::map<std::string, CLI::App*, std::less<>> groups;
    for (std::size_t i = 0; i < parsers.size(); ++i) {
        auto& parser = parsers[i];
        parser.command = &command_table()[i];
        auto const path = std::string(parser.command->path);
        auto const space = path.find(' ');
        if (space == std::string::npos) {
            add_command(app, path, parser);
            continue;
        }
        auto const group = path.substr(0, space);
        if (!groups.contains(group)) {
            groups[group] = app.add_subcommand(group, std::string(summary_of_group(group)));
            groups[group]->set_help_flag("-h,--help", "this page");
            groups[group]->allow_extras();
            groups[group]->formatter(std::make_shared<CommandHelp>("Usage: billhook " + group + " COMMAND"));
        }
        add_command(*groups[group], path.substr(space + 1), parser);
    }

    // CLI11 would say that something is missing, and not what.
    for (auto const& word : words)
        if (word.starts_with("--") && word.ends_with('=')) return UsageMistake{"'" + word + "' lacks its value"};

    try {
        std::ranges::reverse(words);  // CLI11 takes them from the back
        app.parse(words);
    } catch (CLI::CallForHelp const&) {
        auto const* chosen = &app;
        while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
        return HelpWanted{help_of(*chosen)};
    } catch (CLI::CallForVersion const&) {
        return HelpWanted{"billhook " + std::string(program_version) + "\n"};
    } catch (CLI::ParseError const& error) {
        return UsageMistake{std::string(error.what()) + "\nbillhook --help explains."};
    }

    for (auto const& parser : parsers)
        if (parser.app->parsed()) return collect(parser);
    for (auto const& [name, group] : groups) {
        if (!group->parsed()) continue;
        if (!group->remaining().empty()) return unknown_command(group->remaining().front(), name);
        return UsageMistake{"'billhook " + name + "' needs a command\n\n" + help_of(*group)};
    }
    if (!app.remaining().empty()) return unknown_command(app.remaining().front(), "");
    return UsageMistake{"a command is missing\n\n" + help_of(app)};
}

}  // namespace billhook::cli
