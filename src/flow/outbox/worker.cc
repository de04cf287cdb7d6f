#include "flow/outbox/worker.h"

#include "base/crash_point.h"

namespace billhook::flow {
namespace {

Status finish(store::Store& store, Clock const& clock, Duration lease, DeliverMessage const& deliver,
              store::OutboxMessage const& message) {
    TRY_VOID(check_lease(message, lease, clock.now()));
    TRY_VOID(deliver(message));
    crash_point("outbox.called");
    TRY_VOID(store.write(store::Scope::system(),
                         [&](store::Writer& writer) { return store::finish_message(writer, message, clock.now()); }));
    crash_point("outbox.closed");
    return {};
}

}  // namespace

OutboxWorker::OutboxWorker(store::Store& store, Clock const& clock, RandomSource& random, DeliverMessage deliver,
                           OnDeadMessage on_dead_message, QueueWorkerSettings settings)
    : QueueWorker(
          store, clock, random,
          {.name = "outbox",
           .has_due = store::has_due_messages,
           .claim = store::claim_due_messages,
           .count_attempt = store::count_message_attempt,
           .reschedule = store::reschedule_message,
           .postpone = store::postpone_message,
           .bury = store::bury_message,
           .handle =
               [&store, &clock, lease = settings.lease,
                deliver = std::move(deliver)](std::vector<store::OutboxMessage> const& messages) {
                   std::vector<Status> outcomes;
                   for (auto const& message : messages)
                       outcomes.push_back(caught([&] { return finish(store, clock, lease, deliver, message); }));
                   return outcomes;
               },
           .on_dead = std::move(on_dead_message)},
          settings) {}

}  // namespace billhook::flow
