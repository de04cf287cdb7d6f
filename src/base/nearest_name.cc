#include "base/nearest_name.h"

#include <algorithm>

namespace billhook {
namespace {

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            bool const is_same = a[i - 1] == b[j - 1];
            rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (is_same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[a.size()][b.size()];
}

}  // namespace

std::string nearest_name(std::string_view mistyped, std::span<std::string_view const> known) {
    if (mistyped.size() > 64) return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, mistyped.size() / 3) + 1;
    for (auto const name : known) {
        auto const distance = edit_distance(mistyped, name);
        if (distance < best_distance && distance < name.size()) {
            best = name;
            best_distance = distance;
        }
    }
    return best;
}

std::string nearest_name(std::string_view mistyped, std::vector<std::string> const& known) {
    std::vector<std::string_view> const views(known.begin(), known.end());
    return nearest_name(mistyped, std::span<std::string_view const>(views));
}

std::string nearest_name_hint(std::string_view mistyped, std::span<std::string_view const> known) {
    auto const nearest = nearest_name(mistyped, known);
    return nearest.empty() ? std::string() : "; did you mean '" + nearest + "'?";
}

}  // namespace billhook
