#pragma once
// QueueWorker: works one of the store's queues off, the inbox or the outbox. A batch of what is due is claimed; each
// item is handled outside of any transaction, and its claim ends with what was done. What fails waits and is tried
// again; what fails too often becomes a dead letter, and so does what ends the process too often. While Stripe answers
// nobody, no failure counts. A crash leaves a claim whose lease runs out, so an item may be handled again without harm.
// Several workers, in this process and in others, may run side by side.

#include <atomic>
#include <exception>
#include <functional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "flow/progress.h"
#include "flow/retry_schedule.h"
#include "store/inbox_store.h"
#include "store/outbox_store.h"
#include "store/store.h"

namespace billhook::flow {

struct QueueWorkerSettings {
    int batch_max = 8;
    Duration lease = Duration::minutes(5);  // longer than any one item takes
    RetrySchedule retries;
};

/// What the worker has to know of a queue.
template <class Item>
struct Queue {
    std::string_view name;  // in the log, and of the turn in which it is claimed
    Result<bool> (*has_due)(store::Reader& reader, Timestamp now);
    Result<std::vector<Item>> (*claim)(store::Writer& writer, Timestamp now, Duration lease, int limit);
    Status (*count_attempt)(store::Writer& writer, Item const& item);
    Status (*reschedule)(store::Writer& writer, Item const& item, Timestamp retry_at, std::string_view error);
    Status (*postpone)(store::Writer& writer, Item const& item, Timestamp retry_at, std::string_view error);
    Status (*bury)(store::Writer& writer, Item const& item, std::string_view error, Timestamp now);
    /// Does what the items ask for and finishes them: of each what came of it, in their order. An error is worth a
    /// retry, but for the reason "lease_lost", which leaves the item to whoever claims it next.
    std::function<std::vector<Status>(std::vector<Item> const& items)> handle;
    /// Called in the transaction that makes an item a dead letter: tell the operator. May be empty.
    std::function<Status(store::Writer& writer, Item const& item, Error const& error, Timestamp now)> on_dead;
};

/// The rest of a slow batch is left to whoever claims it after the lease.
template <class Item>
Status check_lease(Item const& item, Duration lease, Timestamp now) {
    if (!item.locked_until || now + Duration{lease.ms / 4} < *item.locked_until) return {};
    return fail(conflict("lease_lost", "The lease is about to run out."));
}

/// What throws has failed like what returns an error: it must not stop the items beside it.
template <class Work>
auto caught(Work const& work) -> decltype(work()) {
    try {
        return work();
    } catch (std::exception const& exception) {
        return fail(unavailable("handler_threw", exception.what()));
    }
}

/// Everything it is given outlives it.
template <class Item>
class QueueWorker {
  public:
    QueueWorker(store::Store& store, Clock const& clock, RandomSource& random, Queue<Item> queue,
                QueueWorkerSettings settings);

    /// One batch of what is due. Errors: the store's; an item's own failure is part of the progress.
    Result<Progress> run_once(Timestamp now);

  private:
    /// Once the queue was emptied a look goes first: an idle server writes nothing.
    Result<std::vector<Item>> claim(Timestamp now);
    /// One that a worker held and did not finish is handled by itself, and counted before: should it be what ends the
    /// process, it is buried in the end, and nothing of what was claimed with it.
    Status handle_interrupted(Item& item);
    enum class Outcome { done, failed, dead, lost };
    void settle_into(Progress& progress, Item const& item, Status const& handled);
    Outcome settle(Item const& item, Status const& handled);
    Result<Outcome> give_back(Item const& item, Error const& error);

    store::Store& store_;
    Clock const& clock_;
    RandomSource& random_;
    Queue<Item> const queue_;
    QueueWorkerSettings const settings_;
    std::atomic<bool> looks_first_ = false;
};

extern template class QueueWorker<store::InboxEvent>;
extern template class QueueWorker<store::OutboxMessage>;

}  // namespace billhook::flow
