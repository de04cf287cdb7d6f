#include "sandbox/core/api_error.h"

#include <algorithm>

namespace billhook::sandbox {
namespace {

// How Stripe's sentences call an object, where it is not the object's own name.
std::string spoken_name(std::string_view object) {
    if (object == "payment_method") return "PaymentMethod";
    if (object == "webhook_endpoint") return "webhook endpoint";
    if (object == "promotion_code") return "promotion code";
    if (object == "subscription_schedule") return "subscription schedule";
    if (object == "subscription_item") return "subscription_item";
    if (object == "tax_rate") return "tax rate";
    if (object == "billing_portal.configuration") return "configuration";
    if (object == "test_helpers.test_clock") return "test clock";
    return std::string(object);
}

std::string_view path_parameter(std::string_view object) {
    if (object == "payment_intent" || object == "setup_intent") return "intent";
    if (object == "invoice" || object == "charge" || object == "refund") return object;
    if (object == "checkout.session") return "session";
    return "id";
}

}  // namespace

ApiError bad_request(std::string message, std::string param, std::string code) {
    return {400, "invalid_request_error", std::move(code), std::move(message), std::move(param)};
}

ApiError no_such(std::string_view object, std::string_view id, std::string_view param) {
    return {param.empty() ? 404 : 400, "invalid_request_error", "resource_missing",
            "No such " + spoken_name(object) + ": '" + std::string(id) + "'",
            std::string(param.empty() ? path_parameter(object) : param)};
}

ApiError missing_parameter(std::string_view param) {
    return bad_request("Missing required param: " + std::string(param) + ".", std::string(param), "parameter_missing");
}

std::string error_body(ApiError const& error, std::string_view request_id) {
    JsonObject body = error.extra;
    body["type"] = error.type;
    body["message"] = error.message;
    if (!error.param.empty()) body["param"] = error.param;
    if (!error.code.empty()) {
        body["code"] = error.code;
        auto anchor = error.code;
        std::ranges::replace(anchor, '_', '-');
        body["doc_url"] = "https://stripe.com/docs/error-codes/" + anchor;
    }
    if (!request_id.empty())
        body["request_log_url"] = "https://dashboard.stripe.com/test/logs/" + std::string(request_id);
    return to_text(JsonObject{{"error", std::move(body)}});
}

}  // namespace billhook::sandbox
