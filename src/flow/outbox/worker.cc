#include "flow/outbox/worker.h"

#include "base/crash_point.h"

namespace billhook::flow {

OutboxWorker::OutboxWorker(store::Store& store, Clock const& clock, RandomSource& random, DeliverMessage deliver,
                           OnDeadMessage on_dead_message, QueueWorkerSettings settings)
    : QueueWorker(
          store, clock, random,
          {.name = "outbox",
           .claim = store::claim_due_messages,
           .reschedule = store::reschedule_message,
           .bury = store::bury_message,
           .handle = [&store, &clock, deliver = std::move(deliver)](store::OutboxMessage const& message) -> Status {
               TRY_VOID(deliver(message));
               crash_point("outbox.called");
               TRY_VOID(store.write(store::Scope::system(), [&](store::Writer& writer) {
                   return store::finish_message(writer, message, clock.now());
               }));
               crash_point("outbox.closed");
               return {};
           },
           .on_dead = std::move(on_dead_message)},
          settings) {}

}  // namespace billhook::flow
