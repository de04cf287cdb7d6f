#pragma once
// OutboxWorker: delivers what a transaction promised. A due message is claimed, delivered outside of any transaction,
// and then finished; a crash in between delivers it again, so a delivery may be repeated without harm. What fails waits
// and is tried again; what fails too often becomes a dead letter. Several workers may run side by side.

#include <functional>

#include "base/clock.h"
#include "base/random.h"
#include "flow/progress.h"
#include "flow/retry_schedule.h"
#include "store/outbox_store.h"
#include "store/store.h"

namespace billhook::flow {

struct OutboxWorkerSettings {
    int batch_max = 8;
    Duration lease = Duration::minutes(5);  // longer than any one delivery takes
    RetrySchedule retries;
};

/// deliver_message() of the commands: chooses by the message's kind. An error is worth a retry.
using DeliverMessage = std::function<Status(store::OutboxMessage const& message)>;
/// Called in the transaction that makes a message a dead letter: tell the operator. May be empty.
using OnDeadMessage =
    std::function<Status(store::Writer& writer, store::OutboxMessage const& message, Error const& error)>;

/// Everything it is given outlives it.
class OutboxWorker {
  public:
    OutboxWorker(store::Store& store, Clock const& clock, RandomSource& random, DeliverMessage deliver,
                 OnDeadMessage on_dead_message, OutboxWorkerSettings settings = {});

    /// One batch of what is due. Errors: the store's; a message's own failure is part of the progress.
    Result<Progress> run_once(Timestamp now);

  private:
    enum class Outcome { done, failed, dead, lost };
    Outcome handle(store::OutboxMessage const& message);
    Status deliver(store::OutboxMessage const& message);
    Result<Outcome> give_back(store::OutboxMessage const& message, Error const& error);

    store::Store& store_;
    Clock const& clock_;
    RandomSource& random_;
    DeliverMessage const deliver_;
    OnDeadMessage const on_dead_message_;
    OutboxWorkerSettings const settings_;
};

}  // namespace billhook::flow
