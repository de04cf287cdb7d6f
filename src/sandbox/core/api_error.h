#pragma once
// ApiError: an error as Stripe answers it. Answer<T> is a value or an ApiError; TRY works on it.

#include <expected>
#include <string>
#include <string_view>

#include "base/json.h"

namespace billhook::sandbox {

struct ApiError {
    int status = 400;
    std::string type = "invalid_request_error";
    std::string code = {};
    std::string message = {};
    std::string param = {};
    JsonObject extra = {};  // decline_code, payment_intent, …
};

template <class T>
using Answer = std::expected<T, ApiError>;

inline std::unexpected<ApiError> refuse(ApiError error) {
    return std::unexpected<ApiError>(std::move(error));
}

/// 400 invalid_request_error.
ApiError bad_request(std::string message, std::string param = {}, std::string code = {});
/// "No such price: 'x'": 404 for the object named by the path (param empty), 400 for one named in a parameter.
ApiError no_such(std::string_view object, std::string_view id, std::string_view param = {});
/// 400 parameter_missing, as for a parameter that the surface calls required.
ApiError missing_parameter(std::string_view param);

/// {"error": {…}} with doc_url and, where a request id is given, request_log_url.
std::string error_body(ApiError const& error, std::string_view request_id);

}  // namespace billhook::sandbox
