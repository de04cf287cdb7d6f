#pragma once
// Intent: a change asked for and not yet confirmed by Stripe. At most one is pending per customer and line (a unique
// index holds it), its id is the idempotency key of the Stripe call, and it ends confirmed, refused or superseded.

#include <optional>
#include <string>

#include "base/id.h"
#include "base/json.h"
#include "domain/subscription/subscription.h"

namespace billhook {

using IntentId = Id<struct IntentTag>;  // "int_…"

namespace subscription {

enum class IntentKind {
    purchase,     // a Checkout Session is open for the line
    start_trial,  // a subscription with a trial and without Checkout
    upgrade,      // at once, prorated
    change_interval,
    change_quantity,
    schedule_change,  // a subscription schedule for period end
    cancel_schedule,
    cancel,  // at period end or now: see `parameters`
    resume,
};
char const* to_string(IntentKind kind);
std::optional<IntentKind> parse_intent_kind(std::string_view word);
/// Billed and in force at once, not with the next period.
bool changes_plan_now(IntentKind kind);

enum class IntentStatus { pending, confirmed, refused, superseded };
char const* to_string(IntentStatus status);
std::optional<IntentStatus> parse_intent_status(std::string_view word);

struct Intent {
    IntentId id;
    CustomerId customer;
    SubscriptionId subscription;  // the one it changes, or the id that the new one will bear
    std::string line;
    IntentKind kind = IntentKind::purchase;
    IntentStatus status = IntentStatus::pending;
    JsonObject parameters;  // what was asked for: target plan, interval, price, proration_date, session id …
    std::string reason;     // why it was refused or superseded; empty while pending
    std::string cause;      // who asked: "customer:…", "operator:…", "key:…"
    Timestamp created_at;
    std::optional<Timestamp> ended_at;
    bool operator==(Intent const&) const = default;
};

}  // namespace subscription
}  // namespace billhook
