#include "domain/catalog/problem.h"

namespace billhook::catalog {

std::string to_text(Problem const& problem) {
    return problem.file + ":" + std::to_string(problem.position.line) + ":" + std::to_string(problem.position.column) +
           ": " + problem.path + (problem.path.empty() ? "" : ": ") + problem.message;
}

}  // namespace billhook::catalog
