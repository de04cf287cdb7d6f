#pragma once
// InboxWorker: works the inbox off. A due event is claimed, what it is about is read from Stripe outside of any
// transaction, and one transaction finishes the event and writes what follows: a retry is never swallowed by its own
// de-duplication. What fails waits and is tried again; what fails too often becomes a dead letter. Several workers, in
// this process and in others, may run side by side.

#include <functional>

#include "base/clock.h"
#include "base/random.h"
#include "flow/progress.h"
#include "flow/projector/event_handlers.h"
#include "flow/retry_schedule.h"
#include "store/inbox_store.h"
#include "store/store.h"

namespace billhook::flow {

struct InboxWorkerSettings {
    int batch_max = 8;
    Duration lease = Duration::minutes(5);  // longer than any one event takes
    RetrySchedule retries;
};

/// prepare_event() of the projector, which also says that a type is ignored. The moment is when the event was received,
/// or replayed: a read that began later covers it. What it wants applied may run again where the database asks for it.
using PrepareEvent = std::function<Result<EventWork>(stripe::Event const& event, Timestamp moment)>;
/// Called in the transaction that makes an event a dead letter: tell the operator. May be empty.
using OnDeadLetter = std::function<Status(store::Writer& writer, store::InboxEvent const& event, Error const& error)>;

/// Everything it is given outlives it.
class InboxWorker {
  public:
    InboxWorker(store::Store& store, Clock const& clock, RandomSource& random, PrepareEvent prepare,
                OnDeadLetter on_dead_letter, InboxWorkerSettings settings = {});

    /// One batch of what is due. Errors: the store's; an event's own failure is part of the progress.
    Result<Progress> run_once(Timestamp now);

  private:
    enum class Outcome { done, failed, dead, lost };
    Outcome handle(store::InboxEvent const& event);
    Status finish(store::InboxEvent const& event);
    Result<Outcome> give_back(store::InboxEvent const& event, Error const& error);

    store::Store& store_;
    Clock const& clock_;
    RandomSource& random_;
    PrepareEvent const prepare_;
    OnDeadLetter const on_dead_letter_;
    InboxWorkerSettings const settings_;
};

}  // namespace billhook::flow
