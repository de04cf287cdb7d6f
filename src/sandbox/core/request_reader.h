#pragma once
// From an HTTP request to what an operation needs: who asks, in which version, with which raw parameters.

#include <string>

#include "net/http_message.h"
#include "sandbox/core/api_error.h"
#include "sandbox/core/settings.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

/// The bearer token, or the user name of Basic; empty where there is neither.
std::string credential_of(net::HttpRequest const& request);
/// Bearer or Basic (the key as user name). Any well-formed secret or restricted test key is accepted, unless the
/// settings name the accepted ones.
Answer<void> authenticate(net::HttpRequest const& request, Settings const& settings);
/// Refuses a Stripe-Version that never existed. Older versions are answered in their own shapes
/// (version/older_shapes.h).
Answer<void> check_version(net::HttpRequest const& request, Surface const& surface);
/// Query and body as one tree with text leaves; the body of a second-generation request is JSON.
Answer<JsonObject> raw_parameters(net::HttpRequest const& request);

}  // namespace billhook::sandbox
