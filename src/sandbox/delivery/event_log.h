#pragma once
// EventLog: the snapshot events of the last 30 days, each as the text that endpoints receive. Kept as text because a
// long simulation makes hundreds of thousands. Not thread-safe: the Sandbox's lock guards it.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/json.h"

namespace billhook::sandbox {

struct Event {
    std::string id;
    std::string type;
    std::int64_t created = 0;  // on the clock of what happened
    /// On the sandbox's own clock: how long an event is kept does not depend on simulated time.
    std::int64_t recorded_at = 0;
    /// The whole event as JSON, pending_webhooks as it was when the event was made; shared with its deliveries.
    std::shared_ptr<std::string const> body;
    std::uint64_t sequence = 0;
    int webhooks_pending = 0;
};

class EventLog {
  public:
    static constexpr std::int64_t kept_seconds = 30 * 86'400;
    static constexpr std::size_t kept_max = 50'000;

    Event const& append(Event event);
    Event const* find(std::string const& id) const;
    /// Oldest first.
    std::deque<Event> const& all() const { return events_; }
    /// One endpoint has acknowledged it. Nothing if it is no longer kept.
    Event const* acknowledged(std::string const& id);
    /// Puts an event back as it was kept, oldest first, when a data file is read.
    void restore(Event event);
    /// As GET /v1/events shows it: with the present pending_webhooks.
    static Json view(Event const& event);

  private:
    void prune();

    std::deque<Event> events_;
    std::unordered_map<std::string, std::uint64_t> sequence_by_id_;
    std::uint64_t sequence_ = 0;
};

}  // namespace billhook::sandbox
