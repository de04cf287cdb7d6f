#include "cli/table.h"

#include <algorithm>

namespace billhook::cli {

void Table::print(std::ostream& out, std::string_view when_empty) const {
    if (rows_.size() == 1) {
        out << when_empty << "\n";
        return;
    }
    std::vector<std::size_t> widths(rows_.front().size());
    for (auto const& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    for (auto const& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << "\n";
    }
}

}  // namespace billhook::cli
