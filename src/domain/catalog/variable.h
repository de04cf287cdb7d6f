#pragma once
// ${VAR} and ${VAR:-default} in the values of the catalog file, so that price ids may come from the environment. A
// variable that is empty counts as unset. $${ stands for ${ itself. Keys are never substituted.

#include <map>
#include <string>

#include "base/yaml.h"
#include "domain/catalog/problem.h"

namespace billhook::catalog {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Substitutes in every scalar of the tree; a problem for each variable that is not set and has no default.
void substitute(YamlNode& node, Variables const& variables, std::string const& file, Problems& problems);

}  // namespace billhook::catalog
