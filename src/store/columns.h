#pragma once
// Columns: reads one row from left to right, in the order of the statement's column list, so that a record and its
// columns are compared by reading two lists side by side.

#include <optional>
#include <string>

#include "base/calendar.h"
#include "base/check.h"
#include "base/period.h"
#include "store/store.h"

namespace billhook::store {

class Columns {
  public:
    explicit Columns(Row const& row) : row_(row) {}

    std::string text() { return row_.text(next_++); }
    std::int64_t integer() { return row_.integer(next_++); }
    bool boolean() { return row_.boolean(next_++); }
    Timestamp time() { return row_.time(next_++); }
    std::optional<Timestamp> optional_time() { return row_.optional_time(next_++); }
    Period period() {
        Timestamp const start = time();
        return {start, time()};
    }
    template <class Identifier>
    Identifier id() {
        return Identifier(text());
    }
    /// A word of a closed list; one that this program does not know is a row it did not write.
    template <class Parse>
    auto word(Parse parse) {
        auto const value = parse(text());
        CHECK(value.has_value());
        return *value;
    }
    IntervalUnit interval() { return word(parse_interval_unit); }

  private:
    Row const& row_;
    int next_ = 0;
};

/// The first row as a record, or nothing.
template <class Record>
std::optional<Record> first_of(Rows const& rows, Record (*read)(Row const&)) {
    if (rows.empty()) return std::nullopt;
    return read(rows.front());
}

template <class Record>
std::vector<Record> all_of(Rows const& rows, Record (*read)(Row const&)) {
    std::vector<Record> records;
    records.reserve(rows.size());
    for (Row const& row : rows) records.push_back(read(row));
    return records;
}

/// What a unique index refused, in the words of the thing stored; any other error stays as it is.
inline Error renamed(Error const& error, std::string_view index, Error const& meaning) {
    return error.reason == "unique_violation" && error.detail == index ? meaning : error;
}

}  // namespace billhook::store
