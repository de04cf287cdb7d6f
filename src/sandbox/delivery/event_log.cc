#include "sandbox/delivery/event_log.h"

namespace billhook::sandbox {

Event const& EventLog::append(Event event) {
    event.sequence = ++sequence_;
    sequence_by_id_[event.id] = event.sequence;
    events_.push_back(std::move(event));
    prune();
    return events_.back();
}

void EventLog::prune() {
    auto const newest = events_.back().recorded_at;
    while (events_.size() > kept_max || (events_.size() > 1 && events_.front().recorded_at < newest - kept_seconds)) {
        sequence_by_id_.erase(events_.front().id);
        events_.pop_front();
    }
}

Event const* EventLog::find(std::string const& id) const {
    auto const at = sequence_by_id_.find(id);
    if (at == sequence_by_id_.end()) return nullptr;
    return &events_[at->second - events_.front().sequence];  // sequences have no gaps
}

Event const* EventLog::acknowledged(std::string const& id) {
    auto const at = sequence_by_id_.find(id);
    if (at == sequence_by_id_.end()) return nullptr;
    auto& event = events_[at->second - events_.front().sequence];
    if (event.webhooks_pending > 0) --event.webhooks_pending;
    return &event;
}

void EventLog::restore(Event event) {
    // Sequences have no gaps: what was pruned went from the front.
    if (!events_.empty() && event.sequence != sequence_ + 1) return;
    sequence_ = event.sequence;
    sequence_by_id_[event.id] = event.sequence;
    events_.push_back(std::move(event));
}

Json EventLog::view(Event const& event) {
    auto tree = parse_json(*event.body, {.depth_max = 64, .bytes_max = 1 << 24});
    if (!tree) return nullptr;
    tree->get_object()["pending_webhooks"] = event.webhooks_pending;
    return std::move(*tree);
}

}  // namespace billhook::sandbox
