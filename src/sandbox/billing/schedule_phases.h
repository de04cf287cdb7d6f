#pragma once
// A subscription schedule at work: which phase holds, what happens where one ends, and how a phase is put onto its
// subscription. The operations on schedules are in schedule.cc.

#include <optional>
#include <string>

#include "sandbox/billing/subscription_change.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// When the schedule of a subscription has something to do: a phase ends, or its end is to be announced.
std::optional<Seconds> next_schedule_moment(Call& call, JsonObject const& subscription);
/// Does what is due: the next phase, or the schedule's end.
Answer<void> run_schedule(Call& call, std::string const& subscription);

/// The change that makes a subscription what a phase says.
Answer<SubscriptionChange> change_to_phase(Call& call, std::string const& subscription, JsonObject const& phase);
/// Metadata, payment method and the like of a phase.
void apply_phase_settings(Call& call, std::string const& subscription, JsonObject const& phase);

/// The id of the discount that a subscription or an item has by the coupon or promotion code that a phase names; empty
/// where it has none.
std::string redeemed_discount(Call& call, JsonObject const& holder, JsonObject const& wanted);

/// A phase's discounts, or those of an item of it, as parameters name them.
JsonArray given_discounts(JsonObject const& holder);
/// A phase's invoice settings as a subscription has them; empty where the phase says nothing.
JsonObject given_invoice_settings(JsonObject const& phase);

/// A direct change of the subscription's items: the current phase of its schedule says the same from now on.
void rewrite_current_phase(Call& call, std::string const& subscription);
/// The phase's items as the subscription has them now.
JsonArray phase_items_of(Call& call, std::string const& subscription);

/// The subscription has ended: so does its schedule.
void end_schedule_of(Call& call, std::string const& subscription);
/// Lets the subscription go its own way.
void release_schedule(Call& call, std::string const& schedule);

}  // namespace billhook::sandbox
