#pragma once
// Reads a request's parameters by the surface: unknown, missing, mistyped and empty ones are refused with Stripe's
// words, the rest is typed. Form strings become integers, numbers and booleans where the surface says so; decimals in
// strings stay strings; an empty string that unsets an emptyable parameter becomes null (inside metadata it stays "").

#include "sandbox/core/api_error.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

Answer<JsonObject> read_parameters(Type const* parameters, JsonObject const& raw);
/// At most 50 keys of 40 characters with values of 500. Each request is read by it; what has been merged into an object
/// is judged by it again.
Answer<void> check_metadata(JsonObject const& metadata, std::string const& param);
/// Stripe's lengths are those of characters, not of bytes.
std::size_t character_count(std::string_view utf8);

}  // namespace billhook::sandbox
