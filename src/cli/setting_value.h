#pragma once
// Reads one setting's value from a piece of YAML (a variable or flag is turned into one first), strictly: what does not
// fit is said with what was found and what was expected.

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/yaml.h"
#include "cli/setting_table.h"

namespace billhook::cli {

struct SettingProblem {
    YamlPosition position;
    std::string message;
};
using SettingProblems = std::vector<SettingProblem>;

/// Sets the value in `configuration`; what was there is replaced. Returns what is wrong with it, nothing when it fits.
SettingProblems read_setting(Setting const& setting, YamlNode const& value, Configuration& configuration);

/// The value a text stands for: lists are split at commas, structured values are YAML themselves.
std::expected<YamlNode, YamlSyntaxError> to_node(Setting const& setting, std::string_view text);

/// The value as text, not masked: the form that a flag would take.
std::string value_text(Setting const& setting, Configuration const& configuration);

/// "250ms", "30s", "5m", "12h", "7d"; nullopt for anything else.
std::optional<Duration> parse_duration(std::string_view text);
std::string duration_text(Duration duration);

}  // namespace billhook::cli
