#include "http/fields.h"

#include <algorithm>
#include <charconv>

namespace billhook::http {
namespace {

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<std::int64_t> as_integer(Json const& value, FieldSource source) {
    if (value.is_int64()) return value.get_int64();
    if (!value.is_string() || source == FieldSource::body) return std::nullopt;
    std::string_view const text = as_view(value.get_string());
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_text(Json const& value, std::size_t bytes_max) {
    return value.is_string() && !value.get_string().empty() && value.get_string().size() <= bytes_max &&
           !has_control_character(as_view(value.get_string()));
}

std::string expected_text(std::size_t bytes_max) {
    return "expected a text of 1 to " + std::to_string(bytes_max) + " bytes without control characters";
}

}  // namespace

Json const* Fields::take(std::string_view name) {
    taken_.emplace(name);
    auto const* value = find(object_, name);
    return value && !value->is_null() ? value : nullptr;
}

void Fields::mistake(std::string_view name, std::string expected, std::string_view reason) {
    mistakes_.push_back(invalid(std::string(name), std::move(expected), std::string(reason)));
}

std::optional<std::string> Fields::optional_text(std::string_view name, std::size_t bytes_max) {
    auto const* value = take(name);
    if (!value) return std::nullopt;
    if (!is_text(*value, bytes_max)) {
        mistake(name, expected_text(bytes_max));
        return std::nullopt;
    }
    return std::string(as_view(value->get_string()));
}

std::string Fields::required_text(std::string_view name, std::size_t bytes_max) {
    auto const count = mistakes_.size();
    auto value = optional_text(name, bytes_max);
    if (!value && mistakes_.size() == count) mistake(name, "this member is required", "missing_field");
    return value.value_or("");
}

std::vector<std::string> Fields::required_texts(std::string_view name, std::size_t count_max, std::size_t bytes_max) {
    std::vector<std::string> texts;
    auto const* value = take(name);
    if (!value) {
        mistake(name, "this member is required", "missing_field");
        return texts;
    }
    bool is_valid = value->is_array() && !value->get_array().empty() && value->get_array().size() <= count_max;
    if (is_valid)
        for (auto const& each : value->get_array()) {
            is_valid = is_valid && is_text(each, bytes_max);
            if (is_valid) texts.emplace_back(as_view(each.get_string()));
        }
    if (!is_valid) mistake(name, "expected a list of 1 to " + std::to_string(count_max) + " texts");
    return texts;
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view name, std::int64_t min, std::int64_t max) {
    auto const* value = take(name);
    if (!value) return std::nullopt;
    auto const number = as_integer(*value, source_);
    if (!number || *number < min || *number > max) {
        mistake(name, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return std::nullopt;
    }
    return number;
}

std::int64_t Fields::required_integer(std::string_view name, std::int64_t min, std::int64_t max) {
    auto const count = mistakes_.size();
    auto const value = optional_integer(name, min, max);
    if (!value && mistakes_.size() == count) mistake(name, "this member is required", "missing_field");
    return value.value_or(min);
}

std::optional<bool> Fields::optional_boolean(std::string_view name) {
    auto const* value = take(name);
    if (!value) return std::nullopt;
    if (value->is_bool()) return value->get_bool();
    bool const may_be_text = source_ == FieldSource::query && value->is_string();
    if (may_be_text && value->get_string() == "true") return true;
    if (may_be_text && value->get_string() == "false") return false;
    mistake(name, "expected true or false");
    return std::nullopt;
}

std::optional<std::string> Fields::optional_one_of(std::string_view name, std::vector<std::string_view> const& words) {
    auto const* value = take(name);
    if (!value) return std::nullopt;
    if (value->is_string() && std::ranges::find(words, as_view(value->get_string())) != words.end())
        return std::string(as_view(value->get_string()));
    std::string list;
    for (auto word : words) list += (list.empty() ? "" : ", ") + std::string(word);
    mistake(name, "expected one of " + list);
    return std::nullopt;
}

std::string Fields::one_of(std::string_view name, std::vector<std::string_view> const& words) {
    return optional_one_of(name, words).value_or(std::string(words.front()));
}

Status Fields::finish() {
    for (auto const& member : object_) {
        std::string_view const name(member.key().data(), member.key().size());
        // A name of nothing has to be told from no name.
        if (!taken_.contains(name))
            mistake(name.empty() ? R"("")" : name, "this member is not known here", "unknown_field");
    }
    if (mistakes_.empty()) return {};
    Error error = mistakes_.front();
    JsonArray errors;
    for (auto const& each : mistakes_)
        errors.push_back({{"field", each.field}, {"code", each.reason}, {"detail", each.detail}});
    error.extra["errors"] = std::move(errors);
    return fail(std::move(error));
}

}  // namespace billhook::http
