#pragma once
// OutboxWorker: delivers what a transaction promised. A due message is delivered outside of any transaction and then
// finished; a crash in between delivers it again, so a delivery may be repeated without harm.

#include "flow/queue/worker.h"

namespace billhook::flow {

/// deliver_message() of the commands: chooses by the message's kind. An error is worth a retry.
using DeliverMessage = std::function<Status(store::OutboxMessage const& message)>;
/// Called in the transaction that makes a message a dead letter: tell the operator. May be empty.
using OnDeadMessage = std::function<Status(store::Writer& writer, store::OutboxMessage const& message,
                                           Error const& error, Timestamp now)>;

/// Everything it is given outlives it.
class OutboxWorker : public QueueWorker<store::OutboxMessage> {
  public:
    OutboxWorker(store::Store& store, Clock const& clock, RandomSource& random, DeliverMessage deliver,
                 OnDeadMessage on_dead_message, QueueWorkerSettings settings = {});
};

}  // namespace billhook::flow
