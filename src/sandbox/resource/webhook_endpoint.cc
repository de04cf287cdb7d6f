// Webhook endpoints. The secret is shown once, when the endpoint is created.

#include "sandbox/core/call.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

JsonObject without_secret(JsonObject endpoint) {
    endpoint.erase("secret");
    return endpoint;
}

Answer<void> check_url(Call& call) {
    auto const url = call.text("url");
    if (url.empty() || url.starts_with("http://") || url.starts_with("https://")) return {};
    return refuse(bad_request("Not a valid URL", "url", "url_invalid"));
}

Answer<Json> create_webhook_endpoint(Call& call) {
    TRY_VOID(check_url(call));
    auto const id = call.new_id("we_");
    JsonObject endpoint{{"id", id},
                        {"api_version", nullptr},
                        {"created", call.now()},
                        {"secret", call.new_id("whsec_")},
                        {"status", "enabled"}};
    copy_given(endpoint, call.params, {"url", "enabled_events", "api_version", "description"});
    merge_metadata(endpoint, call.params);
    call.create(object_type::webhook_endpoint, std::move(endpoint));
    return call.view(object_type::webhook_endpoint, id);
}

Answer<Json> update_webhook_endpoint(Call& call) {
    TRY(call.need(object_type::webhook_endpoint, call.path_id()));
    TRY_VOID(check_url(call));
    auto& endpoint = call.edit(object_type::webhook_endpoint, call.path_id());
    copy_given(endpoint, call.params, {"url", "enabled_events", "description"});
    merge_metadata(endpoint, call.params);
    if (auto const* disabled = find(call.params, "disabled"))
        endpoint["status"] = disabled->as_bool() ? "disabled" : "enabled";
    return without_secret(call.view(object_type::webhook_endpoint, call.path_id()));
}

}  // namespace

void add_webhook_endpoints(World& world) {
    auto& registry = world.registry;
    registry.on("POST /v1/webhook_endpoints", create_webhook_endpoint);
    registry.on("POST /v1/webhook_endpoints/{id}", update_webhook_endpoint);
    registry.on("DELETE /v1/webhook_endpoints/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::webhook_endpoint, call.path_id()));
        return call.remove(object_type::webhook_endpoint, call.path_id());
    });
    registry.on("GET /v1/webhook_endpoints/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::webhook_endpoint, call.path_id()));
        return without_secret(call.view(object_type::webhook_endpoint, call.path_id()));
    });
    registry.on("GET /v1/webhook_endpoints", [](Call& call) -> Answer<Json> {
        auto page = TRY(call.list({.type = object_type::webhook_endpoint}));
        for (auto& endpoint : page.get_object()["data"].as_array()) endpoint.get_object().erase("secret");
        return page;
    });
}

}  // namespace billhook::sandbox
