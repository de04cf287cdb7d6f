#pragma once
// InboxWorker: works the inbox off. What a due event is about is read from Stripe outside of any transaction, and one
// transaction finishes the event and writes what follows: a retry is never swallowed by its own de-duplication. The
// events of a batch share that transaction and each other's reads, since all had been received before the first of them
// began; where one cannot be written, each gets its own.

#include "flow/projector/event_handlers.h"
#include "flow/queue/worker.h"

namespace billhook::flow {

/// prepare_event() of the projector, which also says that a type is ignored. The moment is when the event was received,
/// or replayed: a read that began later covers it, and so do those for the events beside it. What it wants applied may
/// run again where the database asks for it.
using PrepareEvent =
    std::function<Result<EventWork>(stripe::Event const& event, Timestamp moment, ReadObjects const& read_beside)>;
/// Called in the transaction that makes an event a dead letter: tell the operator. May be empty.
using OnDeadLetter =
    std::function<Status(store::Writer& writer, store::InboxEvent const& event, Error const& error, Timestamp now)>;

/// Everything it is given outlives it.
class InboxWorker : public QueueWorker<store::InboxEvent> {
  public:
    InboxWorker(store::Store& store, Clock const& clock, RandomSource& random, PrepareEvent prepare,
                OnDeadLetter on_dead_letter, QueueWorkerSettings settings = {});
};

}  // namespace billhook::flow
