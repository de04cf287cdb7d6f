#include "flow/command/register_webhook_trial.h"

#include "base/json.h"

namespace billhook::flow {
namespace {

constexpr std::string_view event_type = "customer.created";

}  // namespace

Result<WebhookTrial> begin_webhook_trial(EndpointContext const& context) {
    auto const trial = "trial_" + context.random.alphanumeric(24);
    JsonObject const customer{{"name", "Billhook webhook test"},
                              {"description", "Made and deleted by `billhook doctor`"},
                              {"metadata", {{"billhook_trial", trial}}}};
    auto const made =
        TRY(context.stripe.post({"/v1/customers", {}}, customer, stripe::IdempotencyKey::of(trial, "create_customer")));
    WebhookTrial begun{.customer_id = string_or(made, "id")};
    TRY(context.stripe.remove({"/v1/customers/{id}", {begun.customer_id}}));
    return begun;
}

Result<std::optional<store::InboxEvent>> find_trial_event(store::Store& store, WebhookTrial const& trial) {
    auto const found = TRY(store.read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::list_events(reader, {std::nullopt, std::string(event_type), trial.customer_id}, std::nullopt, 1);
    }));
    return found.empty() ? std::nullopt : std::optional(found.front());
}

Result<WebhookTrial> trace_webhook_trial(EndpointContext const& context, WebhookTrial trial) {
    JsonObject const query{{"type", event_type}, {"limit", 100}};
    auto const events = TRY(context.stripe.get({"/v1/events", {}}, query));
    for (auto const& event : events.at("data").as_array()) {
        if (string_or(event, "data.object.id") != trial.customer_id) continue;
        trial.event_id = string_or(event, "id");
        trial.deliveries_open = static_cast<int>(int_or(event, "pending_webhooks"));
    }
    return trial;
}

}  // namespace billhook::flow
