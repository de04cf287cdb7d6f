#include "gateway/stripe/event_calls.h"

#include "gateway/stripe/answer.h"
#include "gateway/stripe/parameters.h"

namespace billhook::stripe {
namespace {

Json to_json(std::vector<std::string> const& words) {
    JsonArray elements;
    for (auto const& word : words) elements.emplace_back(word);
    return elements;
}

Status gone_is_fine(Result<Json> const& answer) {
    if (!answer && answer.error().kind != ErrorKind::not_found) return fail(answer.error());
    return {};
}

}  // namespace

Result<WebhookEndpoint> create_webhook_endpoint(Client const& client, NewWebhookEndpoint const& wish,
                                                IdempotencyKey const& key) {
    Parameters body;
    body.put_text("url", wish.url).put("enabled_events", to_json(wish.enabled_events));
    body.put_text("api_version", api_version).put_text("description", wish.description);
    body.put("metadata", wish.metadata);
    return parse_answer(client.post({"/v1/webhook_endpoints", {}}, body.object(), key), parse_webhook_endpoint);
}

Result<WebhookEndpoint> update_webhook_endpoint(Client const& client, std::string const& id, std::string const& url,
                                                std::vector<std::string> const& enabled_events) {
    Parameters body;
    body.put_text("url", url).put("enabled_events", to_json(enabled_events)).put("disabled", Json(false));
    return parse_answer(client.post_repeatable({"/v1/webhook_endpoints/{id}", {id}}, body.object()),
                        parse_webhook_endpoint);
}

Status delete_webhook_endpoint(Client const& client, std::string const& id) {
    return gone_is_fine(client.remove({"/v1/webhook_endpoints/{id}", {id}}));
}

Result<std::vector<WebhookEndpoint>> list_webhook_endpoints(Client const& client) {
    return collect_all(client, {"/v1/webhook_endpoints", {}}, {}, parse_webhook_endpoint);
}

Result<Event> retrieve_event(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/events/{id}", {id}}), parse_event);
}

Status for_each_event(Client const& client, EventQuery const& query,
                      std::function<Result<Client::Walk>(Event const&)> const& visit) {
    Parameters parameters;
    if (!query.types.empty()) parameters.put("types", to_json(query.types));
    parameters.put_object("created", Parameters().put("gte", query.created_since));
    return visit_all(client, {"/v1/events", {}}, parameters.object(), parse_event, visit);
}

Result<TestClock> create_test_clock(Client const& client, Timestamp frozen_time, std::string const& name,
                                    IdempotencyKey const& key) {
    Parameters body;
    body.put("frozen_time", Json(frozen_time.seconds())).put_text("name", name);
    return parse_answer(client.post({"/v1/test_helpers/test_clocks", {}}, body.object(), key), parse_test_clock);
}

Result<TestClock> retrieve_test_clock(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/test_helpers/test_clocks/{id}", {id}}), parse_test_clock);
}

Result<TestClock> advance_test_clock(Client const& client, std::string const& id, Timestamp frozen_time,
                                     IdempotencyKey const& key) {
    return parse_answer(
        client.post({"/v1/test_helpers/test_clocks/{id}/advance", {id}}, {{"frozen_time", frozen_time.seconds()}}, key),
        parse_test_clock);
}

Status delete_test_clock(Client const& client, std::string const& id) {
    return gone_is_fine(client.remove({"/v1/test_helpers/test_clocks/{id}", {id}}));
}

}  // namespace billhook::stripe
