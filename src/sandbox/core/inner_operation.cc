#include "sandbox/core/inner_operation.h"

#include "base/check.h"
#include "sandbox/surface/parameters.h"

namespace billhook::sandbox {
namespace {

/// Forms carry texts: numbers and booleans become what a client would have sent.
Json as_form(Json const& value) {
    if (value.is_int64()) return Json(std::to_string(value.get_int64()));
    if (value.is_bool()) return Json(value.get_bool() ? "true" : "false");
    if (value.is_array()) {
        JsonArray array;
        for (auto const& each : value.get_array()) array.push_back(as_form(each));
        return array;
    }
    if (!value.is_object()) return value;
    JsonObject object;
    for (auto const& [key, each] : value.get_object()) object[key] = as_form(each);
    return object;
}

}  // namespace

Answer<Json> perform(Call& outer, std::string_view method, std::string_view path, JsonObject const& parameters) {
    PathIds ids;
    Route const* route = outer.world().registry.match(method, path, ids);
    CHECK(route != nullptr && route->handler);
    auto const start = outer.mark();
    Call inner(outer.world());
    inner.path_ids = std::move(ids);
    inner.path = path;
    inner.request_id = outer.request_id;
    inner.params = TRY(read_parameters(route->operation->parameters, as_form(Json(parameters)).get_object()));
    auto answer = route->handler(inner);
    if (!answer) {
        outer.undo(start);
        return answer;
    }
    for (auto& event : inner.events) outer.events.push_back(std::move(event));
    return answer;
}

}  // namespace billhook::sandbox
