#pragma once
// Phases of subscription schedules as callers describe them, and as they are shown.

#include <optional>
#include <string>

#include "sandbox/billing/period.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct PhaseFrame {
    Seconds start = 0;                          // where the first phase begins unless it says so itself
    std::optional<Seconds> current_start = {};  // of the phase that holds now; it cannot be moved
    std::string subscription = {};              // empty before there is one
    std::string customer = {};
    JsonArray agreed = {};  // the phases that the schedule has: what they hold may have gone off sale since
};

/// The `phases` of a create or update, completed: prices checked, ends computed, one after the other.
Answer<JsonArray> read_phases(Call& call, JsonObject const& params, PhaseFrame const& frame);

/// What a subscription is now, as a phase until its current period ends.
JsonObject phase_of_subscription(Call& call, std::string const& subscription);

/// The parameters of POST /v1/subscriptions that begin a phase.
JsonObject subscription_parameters(JsonObject const& schedule, JsonObject const& phase);

}  // namespace billhook::sandbox
