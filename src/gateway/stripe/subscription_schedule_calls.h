#pragma once
// Calls about subscription schedules: how a change waits for the period's end (SEMANTICS: create from the subscription,
// then give both phases, then let it release itself).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "gateway/stripe/client.h"
#include "gateway/stripe/subscription_schedule.h"

namespace billhook::stripe {

/// A phase to be sent. It ends at `end` or lasts for `duration`; the last one may have neither.
struct PhaseWish {
    Phase content;                   // its own period is not sent
    std::optional<Timestamp> start;  // the running phase must repeat its own unchanged
    std::optional<Timestamp> end;
    std::optional<Interval> duration;
};
/// All of an existing phase, to be sent again.
PhaseWish repeat(Phase const& phase);

struct ScheduleChange {
    std::vector<PhaseWish> phases;
    std::string end_behavior = "release";
    std::string proration_behavior = "none";
    Metadata metadata;
};

/// Mirrors the subscription in one phase; Stripe allows no other parameter here.
Result<SubscriptionSchedule> create_schedule(Client const& client, std::string const& subscription_id,
                                             IdempotencyKey const& key);
Result<SubscriptionSchedule> update_schedule(Client const& client, std::string const& id, ScheduleChange const& change,
                                             IdempotencyKey const& key);
/// Lets the subscription run on as it is.
Result<SubscriptionSchedule> release_schedule(Client const& client, std::string const& id, IdempotencyKey const& key);
Result<SubscriptionSchedule> retrieve_schedule(Client const& client, std::string const& id);
Status for_each_schedule(Client const& client, std::string const& customer_id,
                         std::function<Result<Client::Walk>(SubscriptionSchedule const&)> const& visit);

}  // namespace billhook::stripe
