#pragma once
// Fields: reads the members of a JSON body or of a query one by one and collects every mistake, each with the member
// and what was expected. finish() refuses what nobody asked for, so that a misspelt member is never ignored. An
// optional member that is null is absent.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace billhook::http {

/// In a query every value is a text; in a body numbers are numbers and truth is truth.
enum class FieldSource { body, query };

class Fields {
  public:
    explicit Fields(JsonObject const& object, FieldSource source = FieldSource::body)
        : object_(object), source_(source) {}

    /// 1..max bytes of valid UTF-8 without control characters; empty string where absent, and a mistake is noted.
    std::string required_text(std::string_view name, std::size_t bytes_max = 256);
    std::optional<std::string> optional_text(std::string_view name, std::size_t bytes_max = 256);
    /// 1..count_max texts of such a kind.
    std::vector<std::string> required_texts(std::string_view name, std::size_t count_max, std::size_t bytes_max = 256);
    std::int64_t required_integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<bool> optional_boolean(std::string_view name);
    /// One of the words; the first is what the field means when absent.
    std::string one_of(std::string_view name, std::vector<std::string_view> const& words);
    std::optional<std::string> optional_one_of(std::string_view name, std::vector<std::string_view> const& words);

    /// What whoever read the member further found wrong with it.
    void mistake(std::string_view name, std::string expected, std::string_view reason = "invalid_value");

    /// The first mistake as the error, all of them in its `errors` member.
    Status finish();

  private:
    Json const* take(std::string_view name);

    JsonObject const& object_;
    FieldSource source_;
    std::set<std::string, std::less<>> taken_;
    std::vector<Error> mistakes_;
};

}  // namespace billhook::http
