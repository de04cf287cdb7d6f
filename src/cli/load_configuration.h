#pragma once
// Puts the configuration together from flags, environment, file and defaults. All mistakes come back at once.

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "cli/configuration.h"

namespace billhook::cli {

using Environment = std::map<std::string, std::string, std::less<>>;

struct ConfigurationSources {
    std::map<std::string, std::vector<std::string>, std::less<>> flags;  // by setting name ("stripe_api_key_file" too)
    Environment environment;
    std::string file;  // empty: BILLHOOK_CONFIG, else billhook.yaml in the working directory where there is one
};

/// Each problem is a line for people: "billhook.yaml:3:9: log_level: found 'loud', expected debug, info, warn or
/// error".
std::expected<Configuration, std::vector<std::string>> load_configuration(ConfigurationSources const& sources);

/// What stands in the way of serving, and what to do: no key and no sandbox, plain HTTP off loopback, half a
/// certificate. Nothing to do with commands that do not serve.
std::vector<std::string> problems_with_serving(Configuration const& configuration);

}  // namespace billhook::cli
