#include "gateway/stripe/event.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

// Thin events speak the v2 dialect: times in RFC 3339, and of what happened only the id and type of whom it concerns.
Result<Event> parse_thin_event(Json const& tree, Event event) {
    event.is_thin = true;
    event.created = TRY(parse_rfc3339(string_or(tree, "created")));
    if (auto const* related = object_at(tree, "related_object"))
        event.object = {{"id", string_or(*related, "id")}, {"object", string_or(*related, "type")}};
    event.request_id = first_string(tree, {"reason.request.id"});
    event.idempotency_key = first_string(tree, {"reason.request.idempotency_key"});
    return event;
}

Json* member(Json* value, std::string_view key) {
    return value && value->is_object() ? value->get_object().if_contains(key) : nullptr;
}

}  // namespace

Result<Event> parse_event(Json tree) {
    Event event;
    event.id = TRY(require_id(tree, "event"));
    event.type = string_or(tree, "type");
    if (event.type.empty()) return fail(not_understood("Stripe sent an event without a type."));
    event.is_live = bool_or(tree, "livemode");
    if (string_or(tree, "object").starts_with("v2.")) return parse_thin_event(tree, std::move(event));
    event.api_version = string_or(tree, "api_version");
    event.created = time_or_zero(tree, "created");
    auto* object = member(member(&tree, "data"), "object");
    if (!object || !object->is_object()) return fail(not_understood("Stripe sent an event without data.object."));
    event.object = std::move(object->get_object());
    if (auto const* previous = object_at(tree, "data.previous_attributes"))
        event.previous_attributes = previous->get_object();
    // Before 2017-05-25 `request` was the id alone.
    event.request_id = id_at(tree, "request");
    event.idempotency_key = string_or(tree, "request.idempotency_key");
    return event;
}

std::string Event::object_kind() const {
    auto const* kind = find(object, "object");
    return kind && kind->is_string() ? std::string(as_view(kind->get_string())) : std::string{};
}

std::string Event::object_id() const {
    auto const* id = find(object, "id");
    return id && id->is_string() ? std::string(as_view(id->get_string())) : std::string{};
}

Result<WebhookEndpoint> parse_webhook_endpoint(Json const& tree) {
    WebhookEndpoint endpoint;
    endpoint.id = TRY(require_id(tree, "webhook endpoint"));
    endpoint.url = string_or(tree, "url");
    endpoint.status = string_or(tree, "status");
    endpoint.api_version = string_or(tree, "api_version");
    endpoint.enabled_events = ids_at(tree, "enabled_events");
    endpoint.secret = string_or(tree, "secret");
    endpoint.is_deleted = bool_or(tree, "deleted");
    endpoint.metadata = metadata_at(tree);
    endpoint.created = time_or_zero(tree, "created");
    return endpoint;
}

Result<TestClock> parse_test_clock(Json const& tree) {
    TestClock clock;
    clock.id = TRY(require_id(tree, "test clock"));
    clock.name = string_or(tree, "name");
    clock.status = string_or(tree, "status");
    clock.frozen_time = time_or_zero(tree, "frozen_time");
    clock.is_deleted = bool_or(tree, "deleted");
    return clock;
}

}  // namespace billhook::stripe
