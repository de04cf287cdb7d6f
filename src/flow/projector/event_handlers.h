#pragma once
// What each type of Stripe's events leads to. An event is a hint that an object changed: the object is read from Stripe
// (outside of any transaction), and what it says now is written in the transaction that finishes the event. Nothing of
// the payload is used but ids, so a redacted row replays as well as a fresh one.

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "gateway/stripe/event.h"
#include "store/store.h"

namespace billhook::flow {

struct ProjectorContext;

struct EventWork {
    std::string summary;  // for logs: what will be written, or why nothing is
    bool is_ignored = false;
    /// Run it once in the transaction that finishes the event, under the system's scope. May be empty.
    std::function<Status(store::Writer&)> apply;
    std::vector<std::string> reads;  // the objects of Stripe's that it read and will write
    bool rests_on_others = false;    // an object was left to the events beside it
};

/// Objects of Stripe's by their ids.
using ReadObjects = std::set<std::string>;

/// Reads what the event is about. Events that a read begun after `received_at` already covers ask Stripe nothing, nor
/// do those whose object was `read_beside` them: for another event, after this one was received, to be written in the
/// same transaction. Errors are Stripe's: `unavailable` is worth a retry.
Result<EventWork> prepare_event(ProjectorContext const& context, stripe::Event const& event, Timestamp received_at,
                                ReadObjects const& read_beside = {});

/// Every type that has a handler; the webhook endpoint is registered with exactly these.
std::vector<std::string> handled_event_types();
bool is_handled_event_type(std::string_view type);

}  // namespace billhook::flow
