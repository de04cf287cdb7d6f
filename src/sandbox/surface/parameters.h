#pragma once
// Reads a request's parameters by the surface: unknown, missing, mistyped and empty ones are refused with Stripe's
// words, the rest is typed. Form strings become integers, numbers and booleans where the surface says so; decimals in
// strings stay strings; an empty string that unsets an emptyable parameter becomes null (inside metadata it stays "").

#include "sandbox/core/api_error.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

Answer<JsonObject> read_parameters(Type const* parameters, JsonObject const& raw);

}  // namespace billhook::sandbox
