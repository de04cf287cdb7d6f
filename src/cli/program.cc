#include "cli/program.h"

#include "base/json.h"
#include "cli/command_line.h"

namespace billhook::cli {
namespace {

int usage_error(Streams streams, std::vector<std::string> const& problems) {
    for (auto const& problem : problems) streams.error << "billhook: " << problem << "\n";
    return static_cast<int>(ExitCode::usage);
}

}  // namespace

ExitCode report(CommandCall const& call, Error const& error) {
    if (call.wants_json) {
        JsonObject object{{"kind", to_string(error.kind)}, {"reason", error.reason}, {"detail", error.detail}};
        if (!error.field.empty()) object["field"] = error.field;
        call.error << to_text(JsonObject{{"error", std::move(object)}}) << "\n";
    } else {
        call.error << "billhook: " << error.detail << (error.field.empty() ? "" : " (" + error.field + ")") << "\n";
    }
    return exit_code_of(error);
}

ExitCode report_usage(CommandCall const& call, Error const& error) {
    report(call, error);
    return ExitCode::usage;
}

int run_program(std::vector<std::string> arguments, Environment const& environment, Programs const& programs,
                Streams streams) {
    auto parsed = parse_command_line(std::move(arguments));
    if (auto const* help = std::get_if<HelpWanted>(&parsed)) {
        streams.out << help->text;
        return static_cast<int>(ExitCode::ok);
    }
    if (auto const* mistake = std::get_if<UsageMistake>(&parsed)) return usage_error(streams, {mistake->message});
    auto& command = std::get<ParsedCommand>(parsed);

    ConfigurationSources const sources{std::move(command.settings), environment, command.configuration_file};
    auto const configuration = load_configuration(sources);
    if (!configuration) return usage_error(streams, configuration.error());
    CommandCall const call{*configuration,
                           environment,
                           programs,
                           streams.out,
                           streams.error,
                           command.wants_json,
                           std::move(command.options),
                           std::move(command.arguments)};
    auto const code = command.command->run(call);
    streams.out.flush();
    return static_cast<int>(code);
}

}  // namespace billhook::cli
