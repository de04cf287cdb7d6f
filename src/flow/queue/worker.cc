#include "flow/queue/worker.h"

#include <algorithm>
#include <iterator>

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/failure_note.h"
#include "gateway/stripe/outage.h"
#include "store/queue_claim.h"

namespace billhook::flow {
namespace {

std::string const& kind_of(store::InboxEvent const& event) {
    return event.type;
}

std::string const& kind_of(store::OutboxMessage const& message) {
    return message.kind;
}

Timestamp waiting_since(store::InboxEvent const& event) {
    return event.received_at;
}

Timestamp waiting_since(store::OutboxMessage const& message) {
    return message.created_at;
}

}  // namespace

template <class Item>
QueueWorker<Item>::QueueWorker(store::Store& store, Clock const& clock, RandomSource& random, Queue<Item> queue,
                               QueueWorkerSettings settings)
    : store_(store), clock_(clock), random_(random), queue_(std::move(queue)), settings_(settings) {}

template <class Item>
Result<std::vector<Item>> QueueWorker<Item>::claim(Timestamp now) {
    auto const look = [&](store::Reader& reader) { return queue_.has_due(reader, now); };
    if (looks_first_ && !TRY(store_.read_value(store::Scope::system(), look))) return std::vector<Item>{};
    auto items = TRY(store_.take_turn(queue_.name, [&](store::Writer& writer) {
        return queue_.claim(writer, now, settings_.lease, settings_.batch_max);
    }));
    looks_first_ = static_cast<int>(items.size()) < settings_.batch_max;
    return items;
}

template <class Item>
Result<Progress> QueueWorker<Item>::run_once(Timestamp now) {
    auto items = TRY(claim(now));
    if (!items.empty()) crash_point("queue.claimed");
    Progress progress;
    progress.has_more = static_cast<int>(items.size()) >= settings_.batch_max;
    if (items.empty()) return progress;
    auto const first_interrupted =
        std::ranges::stable_partition(items, [](Item const& item) { return item.error != store::interrupted; });
    std::vector<Item> interrupted(std::make_move_iterator(first_interrupted.begin()),
                                  std::make_move_iterator(first_interrupted.end()));
    items.erase(first_interrupted.begin(), first_interrupted.end());
    // What has ended the process once already does not stand before what was claimed with it.
    std::ranges::stable_sort(interrupted, {}, &Item::retry_count);
    auto const handled = queue_.handle(items);
    for (std::size_t i = 0; i < items.size(); ++i) settle_into(progress, items[i], handled[i]);
    for (auto& item : interrupted) settle_into(progress, item, handle_interrupted(item));
    return progress;
}

template <class Item>
Status QueueWorker<Item>::handle_interrupted(Item& item) {
    TRY_VOID(check_lease(item, settings_.lease, clock_.now()));
    if (item.retry_count >= settings_.retries.retries_max)
        return fail(unavailable("interrupted", "Every attempt ended with the process that made it."));
    TRY_VOID(store_.write(store::Scope::system(),
                          [&](store::Writer& writer) { return queue_.count_attempt(writer, item); }));
    ++item.retry_count;
    return queue_.handle({item}).front();
}

template <class Item>
void QueueWorker<Item>::settle_into(Progress& progress, Item const& item, Status const& handled) {
    switch (settle(item, handled)) {
        case Outcome::done:
            ++progress.done;
            break;
        case Outcome::failed:
            ++progress.failed;
            break;
        case Outcome::dead:
            ++progress.dead;
            break;
        case Outcome::lost:
            break;
    }
}

template <class Item>
typename QueueWorker<Item>::Outcome QueueWorker<Item>::settle(Item const& item, Status const& handled) {
    if (handled) return Outcome::done;
    if (handled.error().reason == "lease_lost") return Outcome::lost;
    auto const outcome = give_back(item, handled.error());
    if (outcome) return *outcome;
    if (outcome.error().reason != "lease_lost")
        log(LogLevel::error, "what failed could not be given back; its lease will run out",
            {{"queue", queue_.name}, {"item", item.id}, {"reason", outcome.error().reason}});
    return Outcome::lost;
}

template <class Item>
Result<typename QueueWorker<Item>::Outcome> QueueWorker<Item>::give_back(Item const& item, Error const& error) {
    crash_point("queue.failed");
    auto const now = clock_.now();
    bool const is_outage = stripe::is_outage(error);
    auto const wait = is_outage ? settings_.retries.wait_in_outage(now - waiting_since(item), random_)
                                : settings_.retries.next_wait(item.retry_count, random_);
    TRY_VOID(store_.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        if (is_outage) return queue_.postpone(writer, item, now + *wait, failure_note(error));
        if (wait) return queue_.reschedule(writer, item, now + *wait, failure_note(error));
        TRY_VOID(queue_.bury(writer, item, failure_note(error), now));
        return queue_.on_dead ? queue_.on_dead(writer, item, error, now) : Status{};
    }));
    crash_point("queue.given_back");
    log(wait ? LogLevel::warn : LogLevel::error, wait ? "will be tried again" : "is a dead letter",
        {{"queue", queue_.name},
         {"item", item.id},
         {"kind", kind_of(item)},
         {"subject", item.subject},
         {"retry_count", item.retry_count},
         {"reason", error.reason}});
    return wait ? Outcome::failed : Outcome::dead;
}

template class QueueWorker<store::InboxEvent>;
template class QueueWorker<store::OutboxMessage>;

}  // namespace billhook::flow
