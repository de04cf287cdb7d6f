#pragma once
// The one table of settings. A row gives a setting its name everywhere: the key `stripe_api_key` in billhook.yaml, the
// flag --stripe-api-key and the variable BILLHOOK_STRIPE_API_KEY (a secret also ..._file, holding the path of a file).

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/configuration.h"

namespace billhook::cli {

/// Where the value goes; its type decides how a text is read.
using SettingTarget = std::variant<std::string Configuration::*, bool Configuration::*, std::int64_t Configuration::*,
                                   Duration Configuration::*, std::vector<std::string> Configuration::*,
                                   std::vector<JwtIssuer> Configuration::*>;

/// Restrictions on what a text may be, beyond its type.
enum class SettingShape { any, address, url, origin, path, percent, database };

struct Setting {
    std::string_view group;
    std::string_view name;
    SettingTarget target;
    std::string_view standard;  // the default, as text
    std::string_view help;
    SettingShape shape = SettingShape::any;
    bool is_secret = false;
    std::vector<std::string_view> aliases = {};  // further environment variables
    std::vector<std::string_view> choices = {};
    std::int64_t min = 0;  // of numbers; of durations in milliseconds
    std::int64_t max = INT64_MAX;
};

std::span<Setting const> setting_table();
Setting const* find_setting(std::string_view name);

std::string flag_of(std::string_view setting);         // "--stripe-api-key"
std::string environment_of(std::string_view setting);  // "BILLHOOK_STRIPE_API_KEY"
/// "NUMBER", "DURATION", "HOST:PORT": for the help. Empty for a yes-or-no setting.
std::string_view placeholder_of(Setting const& setting);

}  // namespace billhook::cli
