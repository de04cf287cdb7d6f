#pragma once
// Reading Stripe's answers: ids that may be whole objects, seconds, lists, metadata. Lenient where Stripe may add or
// leave out, strict about one thing: an object that should have an id has one.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/period.h"
#include "base/timestamp.h"
#include "gateway/stripe/metadata.h"

namespace billhook::stripe {

/// The object's id where it has one; `kind` is for the error's sentence.
Result<std::string> require_id(Json const& tree, std::string_view kind);
Error not_understood(std::string detail);

/// An expandable field: the id itself, or that of the object in its place. Empty where absent.
std::string id_at(Json const& tree, std::string_view path);
/// The first of the paths that leads to an id.
std::string id_at(Json const& tree, std::initializer_list<std::string_view> paths);
/// The object at the path; null where it is absent, an id or null.
Json const* object_at(Json const& tree, std::string_view path);
std::string first_string(Json const& tree, std::initializer_list<std::string_view> paths);

std::optional<Timestamp> time_at(Json const& tree, std::string_view path);
Timestamp time_or_zero(Json const& tree, std::string_view path);
/// Both ends, or nothing.
std::optional<Period> period_at(Json const& tree, std::string_view start_path, std::string_view end_path);

/// The elements of a list object or of a plain array; null where there is neither.
JsonArray const* elements_at(Json const& tree, std::string_view path);
/// Whether a list object says that there is more than it carries.
bool has_more_at(Json const& tree, std::string_view path);
std::vector<std::string> ids_at(Json const& tree, std::string_view path);
std::int64_t sum_at(Json const& tree, std::string_view list_path, std::string_view member);

Metadata metadata_at(Json const& tree, std::string_view path = "metadata");

}  // namespace billhook::stripe
