#pragma once
// Table: rows in aligned columns, for people. Programs ask for --json.

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace billhook::cli {

class Table {
  public:
    explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    /// Says `when_empty` where there is no row but the header.
    void print(std::ostream& out, std::string_view when_empty) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace billhook::cli
