#include "domain/catalog/fields.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/nearest_name.h"

namespace billhook::catalog {
namespace {

constexpr std::size_t code_length_max = 40;

std::string in_path(std::string const& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}

}  // namespace

void Reading::report(YamlPosition position, std::string const& path, std::string message) {
    problems.push_back({file, position, path, std::move(message)});
}

void Reading::report_found(YamlNode const& node, std::string const& path, std::string const& expected) {
    auto const found = node.is_quoted ? "the text " + describe(node) : describe(node);
    report(node.position, path, "found " + found + ", expected " + expected);
}

bool Reading::has_problem_at(std::string_view path) const {
    return std::ranges::find(problems, path, &Problem::path) != problems.end();
}

Fields::Fields(Reading& reading, YamlNode const& node, std::string path, std::initializer_list<std::string_view> known)
    : reading_(reading), node_(node), path_(std::move(path)) {
    if (!is_mapping()) {
        std::vector<std::string_view> const names(known);
        reading_.report_found(node, path_, "a mapping with " + one_of(names));
        return;
    }
    std::set<std::string_view> seen;
    for (auto const& entry : node_.entries) {
        if (std::ranges::find(known, std::string_view(entry.key)) == known.end()) {
            auto const hint = nearest_name_hint(entry.key, std::span(known.begin(), known.size()));
            std::vector<std::string_view> const names(known);
            auto const expected = hint.empty() ? "; expected " + one_of(names) : hint;
            reading_.report(entry.position, path_, "unknown key '" + entry.key + "'" + expected);
        } else if (!seen.insert(entry.key).second) {
            reading_.report(entry.position, path_of(entry.key), "the key '" + entry.key + "' is given twice");
        }
    }
}

std::string Fields::path_of(std::string_view key) const {
    return in_path(path_, key);
}

YamlNode const* Fields::require(std::string_view key, std::string_view expected) {
    auto const* found = find(key);
    if (!found && is_mapping())
        reading_.report(node_.position, path_,
                        "the key '" + std::string(key) + "' is missing; expected " + std::string(expected));
    return found;
}

std::string Fields::required_text(std::string_view key, std::size_t length_max) {
    if (!require(key, "a text")) return {};
    return text(key, {}, length_max);
}

std::string Fields::text(std::string_view key, std::string fallback, std::size_t length_max) {
    auto const* node = find(key);
    if (!node) return fallback;
    if (node->kind == YamlNode::Kind::scalar && !node->text.empty() && node->text.size() <= length_max)
        return node->text;
    reading_.report_found(*node, path_of(key), "a text of 1 to " + std::to_string(length_max) + " bytes");
    return fallback;
}

bool Fields::flag(std::string_view key, bool fallback) {
    auto const* node = find(key);
    if (!node) return fallback;
    bool const is_plain = node->kind == YamlNode::Kind::scalar && !node->is_quoted;
    if (is_plain && node->text == "true") return true;
    if (is_plain && node->text == "false") return false;
    reading_.report_found(*node, path_of(key), "true or false");
    return fallback;
}

std::int64_t Fields::number(std::string_view key, std::int64_t min, std::int64_t max, std::int64_t fallback) {
    auto const* node = find(key);
    if (!node) return fallback;
    auto const number = parse_whole_number(*node);
    if (number && *number >= min && *number <= max) return *number;
    reading_.report_found(*node, path_of(key),
                          "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return fallback;
}

std::vector<std::pair<std::string, YamlPosition>> Fields::words(std::string_view key) {
    std::vector<std::pair<std::string, YamlPosition>> out;
    auto const* node = find(key);
    if (!node) return out;
    auto const add = [&](YamlNode const& item) {
        if (item.kind != YamlNode::Kind::scalar || item.text.empty())
            return reading_.report_found(item, path_of(key), "a word");
        for (auto const& [word, position] : out)
            if (word == item.text) return reading_.report(item.position, path_of(key), "'" + word + "' is named twice");
        out.emplace_back(item.text, item.position);
    };
    if (node->kind == YamlNode::Kind::scalar)
        add(*node);
    else if (node->kind == YamlNode::Kind::sequence)
        std::ranges::for_each(node->items, add);
    else
        reading_.report_found(*node, path_of(key), "a list of words");
    return out;
}

std::string Fields::choose(std::string_view key, std::vector<std::string_view> const& names) {
    auto const* node = find(key);
    if (!node) return {};
    if (node->kind == YamlNode::Kind::scalar && std::ranges::find(names, std::string_view(node->text)) != names.end())
        return node->text;
    auto const hint = node->kind == YamlNode::Kind::scalar ? nearest_name_hint(node->text, names) : std::string();
    reading_.report_found(*node, path_of(key), one_of(names) + hint);
    return {};
}

bool is_code(std::string_view text) {
    if (text.empty() || text.size() > code_length_max || text[0] < 'a' || text[0] > 'z') return false;
    return std::ranges::all_of(text,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::optional<std::int64_t> parse_whole_number(YamlNode const& node) {
    if (node.kind != YamlNode::Kind::scalar || node.is_quoted) return std::nullopt;
    std::int64_t value = 0;
    auto const* const end = node.text.data() + node.text.size();
    auto const [stop, error] = std::from_chars(node.text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::string one_of(std::vector<std::string_view> const& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
    return text;
}

void for_each_code(Reading& reading, YamlNode const& node, std::string const& path,
                   std::function<void(YamlNode::Entry const&, std::string const&)> const& visit) {
    if (node.kind != YamlNode::Kind::mapping) return reading.report_found(node, path, "a mapping from codes");
    std::set<std::string_view> seen;
    for (auto const& entry : node.entries) {
        if (!is_code(entry.key)) {
            reading.report(entry.position, path,
                           "found the code '" + entry.key +
                               "', expected lower-case letters, digits and underscores, a letter first, at most " +
                               std::to_string(code_length_max));
        } else if (!seen.insert(entry.key).second) {
            reading.report(entry.position, path, "'" + entry.key + "' is given twice");
        } else {
            visit(entry, in_path(path, entry.key));
        }
    }
}

}  // namespace billhook::catalog
