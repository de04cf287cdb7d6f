#pragma once
// Proof that events arrive: something harmless is done at Stripe, and the event that it causes is looked for in the
// inbox. The same way that a customer's payment takes, from end to end.

#include <optional>
#include <string>

#include "flow/command/register_webhook.h"
#include "store/inbox_store.h"

namespace billhook::flow {

struct WebhookTrial {
    std::string customer_id;  // what was made for the trial, and is deleted again
    std::string event_id;     // as Stripe tells it; empty: Stripe has not made the event yet
    int deliveries_open = 0;  // endpoints, ours or not, that have not accepted the event yet
};

/// Makes a customer at Stripe, called after what it is for, and deletes it at once: the event `customer.created` is on
/// its way. Errors: Stripe's.
Result<WebhookTrial> begin_webhook_trial(EndpointContext const& context);
/// The trial's event in the inbox, as soon as it is there.
Result<std::optional<store::InboxEvent>> find_trial_event(store::Store& store, WebhookTrial const& trial);
/// What Stripe says of the event and its deliveries: for the case that it does not arrive.
Result<WebhookTrial> trace_webhook_trial(EndpointContext const& context, WebhookTrial trial);

}  // namespace billhook::flow
