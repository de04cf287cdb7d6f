#pragma once
// Problem: one mistake in the catalog file: where it is, what was found and what was expected.

#include <string>
#include <vector>

#include "base/yaml.h"

namespace billhook::catalog {

struct Problem {
    std::string file;
    YamlPosition position;
    std::string path;     // "lines.tier.plans.starter.rank"; empty at the top
    std::string message;  // "found 'one', expected a whole number from 0 to 1000"
    auto operator<=>(Problem const&) const = default;
};
using Problems = std::vector<Problem>;

/// "catalog.yaml:12:7: lines.tier.plans.starter.rank: found 'one', expected a whole number from 0 to 1000"
std::string to_text(Problem const& problem);

}  // namespace billhook::catalog
