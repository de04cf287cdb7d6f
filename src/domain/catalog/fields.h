#pragma once
// Fields: the strict reading of one mapping of the catalog file. Unknown and repeated keys are mistakes; each reader
// reports what does not fit and returns a value to go on with, so that one run finds all mistakes.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "domain/catalog/problem.h"

namespace billhook::catalog {

/// Where the mistakes of one reading are gathered.
struct Reading {
    std::string file;
    Problems problems;

    void report(YamlPosition position, std::string const& path, std::string message);
    /// "found …, expected …"
    void report_found(YamlNode const& node, std::string const& path, std::string const& expected);
    /// So that what is declared wrongly is not also called unknown wherever it is used.
    bool has_problem_at(std::string_view path) const;
};

class Fields {
  public:
    Fields(Reading& reading, YamlNode const& node, std::string path, std::initializer_list<std::string_view> known);

    bool is_mapping() const { return node_.kind == YamlNode::Kind::mapping; }
    std::string path_of(std::string_view key) const;
    YamlPosition position() const { return node_.position; }
    /// Null where the key is absent.
    YamlNode const* find(std::string_view key) const { return node_.find(key); }
    /// Reports where the key is absent.
    YamlNode const* require(std::string_view key, std::string_view expected);

    std::string required_text(std::string_view key, std::size_t length_max = 250);
    std::string text(std::string_view key, std::string fallback, std::size_t length_max = 250);
    bool flag(std::string_view key, bool fallback);
    std::int64_t number(std::string_view key, std::int64_t min, std::int64_t max, std::int64_t fallback);
    /// A list of words (one word stands for a list of one).
    std::vector<std::pair<std::string, YamlPosition>> words(std::string_view key);

    /// One of the words that to_string() gives for these values.
    template <class Word>
    Word choice(std::string_view key, std::initializer_list<Word> values, Word fallback) {
        std::vector<std::string_view> names;
        for (auto const value : values) names.push_back(to_string(value));
        auto const chosen = choose(key, names);
        for (auto const value : values)
            if (to_string(value) == chosen) return value;
        return fallback;
    }
    /// One of the names; empty where it is absent or wrong.
    std::string choose(std::string_view key, std::vector<std::string_view> const& names);

  private:
    Reading& reading_;
    YamlNode const& node_;
    std::string path_;
};

/// A code as in `plans: {starter: …}`: lower-case letters, digits, underscores.
bool is_code(std::string_view text);
std::optional<std::int64_t> parse_whole_number(YamlNode const& node);
/// "a, b or c"
std::string one_of(std::vector<std::string_view> const& names);

/// The entries of a mapping from codes, each with its path; reports what is not a mapping, is no code, is repeated.
void for_each_code(Reading& reading, YamlNode const& node, std::string const& path,
                   std::function<void(YamlNode::Entry const& entry, std::string const& path)> const& visit);

}  // namespace billhook::catalog
