#pragma once
// Answer: what a handler says when all went well. Errors travel as Result and become problem details.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace billhook::http {

struct Answer {
    int status = 200;
    JsonObject body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::optional<std::string> text = {};  // sent in place of `body`
    std::string content_type = {};         // empty: application/json
    std::string_view secret = {};          // the member of `body` that is told once and kept nowhere
};

inline Answer ok(JsonObject body) {
    return {200, std::move(body)};
}
inline Answer text_answer(std::string text, std::string content_type) {
    return {200, {}, {}, std::move(text), std::move(content_type)};
}
/// Of a text that is JSON already.
inline Answer json_answer(std::string text) {
    return {200, {}, {}, std::move(text)};
}
inline Answer created(JsonObject body) {
    return {201, std::move(body)};
}

}  // namespace billhook::http
