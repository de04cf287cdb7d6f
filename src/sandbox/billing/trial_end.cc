#include "sandbox/billing/trial_end.h"

#include "sandbox/billing/cancellation.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/resumption.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view behavior_field = "trial_settings.end_behavior.missing_payment_method";

}  // namespace

bool stops_at_trial_end(Call& call, JsonObject const& subscription) {
    auto const behavior = text_at(subscription, behavior_field);
    if (behavior != "cancel" && behavior != "pause") return false;
    if (text_at(subscription, "collection_method") != "charge_automatically") return false;
    return subscription_payment_method(call, subscription).empty();
}

void stop_at_trial_end(Call& call, std::string const& id) {
    if (text_at(*call.find(object_type::subscription, id), behavior_field) == "cancel")
        cancel_subscription(call, id, {.reason = ""});
    else
        pause_subscription(call, id, "trial_end_without_payment_method");
}

}  // namespace billhook::sandbox
