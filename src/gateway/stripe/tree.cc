#include "gateway/stripe/tree.h"

namespace billhook::stripe {

Error not_understood(std::string detail) {
    return unavailable("stripe_answer_not_understood", std::move(detail));
}

Result<std::string> require_id(Json const& tree, std::string_view kind) {
    auto id = find_string(tree, "id");
    if (!id || id->empty())
        return fail(not_understood("Stripe sent what should be a " + std::string(kind) + ", but it has no id."));
    return std::move(*id);
}

std::string id_at(Json const& tree, std::string_view path) {
    auto const* found = find_path(tree, path);
    if (!found) return {};
    if (found->is_string()) return std::string(as_view(found->get_string()));
    return string_or(*found, "id");
}

std::string id_at(Json const& tree, std::initializer_list<std::string_view> paths) {
    for (auto const path : paths)
        if (auto id = id_at(tree, path); !id.empty()) return id;
    return {};
}

Json const* object_at(Json const& tree, std::string_view path) {
    auto const* found = find_path(tree, path);
    return found && found->is_object() ? found : nullptr;
}

std::string first_string(Json const& tree, std::initializer_list<std::string_view> paths) {
    for (auto const path : paths)
        if (auto text = find_string(tree, path); text && !text->empty()) return std::move(*text);
    return {};
}

std::optional<Timestamp> time_at(Json const& tree, std::string_view path) {
    constexpr std::int64_t seconds_max = 253'402'300'799;  // the end of the year 9999: no time of Stripe's lies beyond
    auto const seconds = find_int(tree, path);
    if (!seconds || *seconds < -seconds_max || *seconds > seconds_max) return std::nullopt;
    return Timestamp::from_seconds(*seconds);
}

Timestamp time_or_zero(Json const& tree, std::string_view path) {
    return time_at(tree, path).value_or(Timestamp{});
}

std::optional<Period> period_at(Json const& tree, std::string_view start_path, std::string_view end_path) {
    auto const start = time_at(tree, start_path);
    auto const end = time_at(tree, end_path);
    if (!start || !end) return std::nullopt;
    return Period{*start, *end};
}

JsonArray const* elements_at(Json const& tree, std::string_view path) {
    auto const* found = find_path(tree, path);
    if (found && found->is_object()) found = find(*found, "data");
    return found ? found->if_array() : nullptr;
}

bool has_more_at(Json const& tree, std::string_view path) {
    auto const* list = object_at(tree, path);
    return list && bool_or(*list, "has_more");
}

std::vector<std::string> ids_at(Json const& tree, std::string_view path) {
    std::vector<std::string> ids;
    if (auto const* elements = elements_at(tree, path))
        for (auto const& element : *elements)
            if (auto id = id_at(element, ""); !id.empty()) ids.push_back(std::move(id));
    return ids;
}

std::int64_t sum_at(Json const& tree, std::string_view list_path, std::string_view member) {
    std::int64_t sum = 0;
    if (auto const* elements = elements_at(tree, list_path))
        for (auto const& element : *elements) sum += int_or(element, member);
    return sum;
}

Metadata metadata_at(Json const& tree, std::string_view path) {
    Metadata metadata;
    if (auto const* object = object_at(tree, path))
        for (auto const& [key, value] : object->get_object())
            if (value.is_string()) metadata.emplace(std::string(key), std::string(as_view(value.get_string())));
    return metadata;
}

std::string metadata_or_empty(Metadata const& metadata, std::string_view key) {
    auto const found = metadata.find(std::string(key));
    return found == metadata.end() ? std::string{} : found->second;
}

}  // namespace billhook::stripe
