#pragma once
// World: all that the sandbox's parts share. One thread at a time; the Sandbox's lock guards it.

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "sandbox/clock/due_queue.h"
#include "sandbox/core/object_store.h"
#include "sandbox/core/registry.h"
#include "sandbox/core/settings.h"
#include "sandbox/core/views.h"
#include "sandbox/delivery/event_log.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

class Call;
struct PaymentOutcome;

struct World {
    World(Surface const& surface, Clock const& clock, Settings settings, std::uint64_t seed)
        : surface(surface),
          clock(clock),
          settings(std::move(settings)),
          random(seed),
          views(surface, store),
          registry(surface),
          due(store) {}

    Surface const& surface;
    Clock const& clock;
    Settings settings;
    SeededRandom random;
    ObjectStore store;
    Views views;
    Registry registry;
    DueQueue due;
    EventLog events;
    // While a call is under way, the instant that it sees; while due work of the root clock runs, that for which it
    // runs.
    std::optional<std::int64_t> root_instant = {};
    // Where clock_sandbox is being advanced to.
    std::optional<std::int64_t> root_target = {};
    bool can_move_root = false;
    // Seams between resources, set by whoever owns the other side.
    /// billing: ends a customer's subscriptions before the customer is deleted.
    std::function<void(Call&, std::string const& customer)> end_subscriptions = {};
    /// billing: how far a test clock may be advanced (two intervals of the shortest subscription).
    std::function<std::int64_t(std::string const& clock, std::int64_t frozen_time)> advance_limit = {};
    /// billing: a payment intent came to its end after the request that made it; settles the invoice that it pays.
    std::function<Answer<void>(Call& call, std::string const& payment_intent, PaymentOutcome const& outcome)>
        on_intent_settled = {};

    /// Unix seconds on a clock: the root's, or a test clock's frozen time.
    std::int64_t now(std::string_view clock_id) const;
};

}  // namespace billhook::sandbox
