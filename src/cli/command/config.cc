// `config show`: every setting, its value (secrets masked) and, with --origin, where it came from.

#include <algorithm>

#include "base/json.h"
#include "cli/command/commands.h"
#include "cli/setting_table.h"

namespace billhook::cli {
namespace {

char const* to_string(SettingSource source) {
    switch (source) {
        case SettingSource::standard:
            return "default";
        case SettingSource::file:
            return "file";
        case SettingSource::environment:
            return "environment";
        case SettingSource::flag:
            return "flag";
    }
    return "";
}

}  // namespace

ExitCode run_config_show(CommandCall const& call) {
    bool const has_origin = call.has("origin");
    auto const& configuration = call.configuration;
    std::size_t name_width = 0, value_width = 0;
    for (auto const& setting : setting_table()) {
        name_width = std::max(name_width, setting.name.size());
        value_width = std::max(value_width, std::min<std::size_t>(48, configuration.shown(setting.name).size()));
    }
    JsonObject settings;
    for (auto const& setting : setting_table()) {
        auto const value = configuration.shown(setting.name);
        auto const& origin = configuration.origins.at(std::string(setting.name));
        if (call.wants_json) {
            JsonObject row{{"value", value}};
            if (has_origin) row["source"] = to_string(origin.source);
            if (has_origin && !origin.place.empty()) row["place"] = origin.place;
            settings[setting.name] = std::move(row);
            continue;
        }
        std::string line(setting.name);
        line.resize(name_width + 2, ' ');
        line += value;
        if (has_origin) {
            line.resize(std::max(line.size(), name_width + 2 + value_width) + 2, ' ');
            line += to_string(origin.source);
            if (!origin.place.empty()) line += " " + origin.place;
        }
        call.out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
    }
    if (call.wants_json) call.out << to_text(JsonObject{{"settings", std::move(settings)}}) << "\n";
    return ExitCode::ok;
}

}  // namespace billhook::cli
