#pragma once
// Subscription: what Stripe last said about one customer's hold on one product line. Written by the projector alone;
// rules read it and answer with intents.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "base/id.h"
#include "base/period.h"
#include "domain/customer/customer.h"

namespace billhook {

using SubscriptionId =
    Id<struct SubscriptionTag>;  // ours, "bsub_…"; kept in Stripe's metadata as billhook_subscription

namespace subscription {

/// Stripe's eight states; `free` is the absence of a subscription.
enum class Status { incomplete, incomplete_expired, trialing, active, past_due, unpaid, canceled, paused };
char const* to_string(Status status);
std::optional<Status> parse_status(std::string_view word);
/// canceled and incomplete_expired: no further change is possible, the line is free again.
bool has_ended(Status status);

struct Item {
    std::string stripe_item_id;  // si_…; changes name the item by it, never by position
    std::string stripe_price_id;
    std::string lookup_key;     // empty where the price has none
    std::int64_t quantity = 1;  // 0 for metered items
    bool is_metered = false;
    Period period;  // the item's own billing period
    auto operator<=>(Item const&) const = default;
};

struct Subscription {
    SubscriptionId id;
    CustomerId customer;
    std::string line;
    std::string plan;  // catalog code
    IntervalUnit interval = IntervalUnit::month;
    std::string currency;
    Status status = Status::incomplete;
    std::string stripe_subscription_id;
    std::string stripe_schedule_id;  // empty where no schedule is attached
    Period current_period;           // start of the plan's item; end = the earliest item's end
    std::optional<Timestamp> trial_end;
    bool cancel_at_period_end = false;
    std::optional<Timestamp> cancel_at;
    std::optional<Timestamp> canceled_at;  // when the cancellation was asked for
    std::optional<Timestamp> ended_at;
    std::optional<Timestamp> past_due_since;
    std::optional<Timestamp> pending_update_expires_at;  // Stripe holds a change until its invoice is paid
    std::string latest_invoice_id;
    std::vector<Item> items;  // by stripe_item_id
    Timestamp created_at;
    Timestamp observed_at;     // when the read of Stripe that this stems from began; never goes back
    std::string plan_item_id;  // the stripe_item_id of the item that carries the plan
    auto operator<=>(Subscription const&) const = default;
};

/// Whether it ends with the time that is paid. An end that was set for later, as one can at Stripe, is another one.
bool ends_with_period(Subscription const& subscription);
/// The item that carries the plan; null where the projector could not tell.
Item const* find_plan_item(Subscription const& subscription);
/// How many of the plan are paid for; 1 where the projector could not tell.
std::int64_t plan_quantity(Subscription const& subscription);

/// One line of the append-only history: what changed and why.
struct HistoryEntry {
    std::string id;  // "hist_…"
    CustomerId customer;
    SubscriptionId subscription;
    std::string line;
    std::string from_status;  // "free" before the first
    std::string to_status;
    std::string from_plan;  // empty where none
    std::string to_plan;
    std::string cause;  // "event:evt_…", "intent:int_…", "operator:…", "schedule:…", "read"
    Timestamp at;
    auto operator<=>(HistoryEntry const&) const = default;
};

}  // namespace subscription
}  // namespace billhook
