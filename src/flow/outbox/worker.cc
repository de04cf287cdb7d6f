#include "flow/outbox/worker.h"

#include <exception>

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/failure_note.h"

namespace billhook::flow {

OutboxWorker::OutboxWorker(store::Store& store, Clock const& clock, RandomSource& random, DeliverMessage deliver,
                           OnDeadMessage on_dead_message, OutboxWorkerSettings settings)
    : store_(store),
      clock_(clock),
      random_(random),
      deliver_(std::move(deliver)),
      on_dead_message_(std::move(on_dead_message)),
      settings_(settings) {}

Result<Progress> OutboxWorker::run_once(Timestamp now) {
    auto const messages = TRY(store_.write_value(store::Scope::system(), [&](store::Writer& writer) {
        return store::claim_due_messages(writer, now, settings_.lease, settings_.batch_max);
    }));
    if (!messages.empty()) crash_point("outbox.claimed");
    Progress progress;
    progress.has_more = static_cast<int>(messages.size()) >= settings_.batch_max;
    for (auto const& message : messages) {
        // The rest of a slow batch is left to whoever claims it after the lease.
        if (message.locked_until && clock_.now() + Duration{settings_.lease.ms / 4} >= *message.locked_until) break;
        switch (handle(message)) {
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
    return progress;
}

OutboxWorker::Outcome OutboxWorker::handle(store::OutboxMessage const& message) {
    auto const delivered = deliver(message);
    crash_point("outbox.called");
    if (!delivered) {
        auto const outcome = give_back(message, delivered.error());
        if (outcome) return *outcome;
        if (outcome.error().reason == "lease_lost") return Outcome::lost;
        log(LogLevel::error, "outbox message could not be given back; its lease will run out",
            {{"message", message.id}, {"reason", outcome.error().reason}});
        return Outcome::lost;
    }
    auto const finished = store_.write(store::Scope::system(), [&](store::Writer& writer) {
        return store::finish_message(writer, message, clock_.now());
    });
    crash_point("outbox.closed");
    if (finished) return Outcome::done;
    // It will be delivered again, which does no harm.
    log(LogLevel::warn, "outbox message was delivered, but not finished",
        {{"message", message.id}, {"kind", message.kind}, {"reason", finished.error().reason}});
    return Outcome::lost;
}

// A delivery that throws has failed like one that returns an error: it must not stop the messages behind it.
Status OutboxWorker::deliver(store::OutboxMessage const& message) try {
    return deliver_(message);
} catch (std::exception const& exception) {
    return fail(unavailable("delivery_threw", exception.what()));
}

Result<OutboxWorker::Outcome> OutboxWorker::give_back(store::OutboxMessage const& message, Error const& error) {
    auto const now = clock_.now();
    auto const wait = settings_.retries.next_wait(message.retry_count, random_);
    TRY_VOID(store_.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        if (wait) return store::reschedule_message(writer, message, now + *wait, failure_note(error));
        TRY_VOID(store::bury_message(writer, message, failure_note(error), now));
        return on_dead_message_ ? on_dead_message_(writer, message, error) : Status{};
    }));
    crash_point("outbox.given_back");
    log(wait ? LogLevel::warn : LogLevel::error, wait ? "outbox message failed" : "outbox message is a dead letter",
        {{"message", message.id},
         {"kind", message.kind},
         {"subject", message.subject},
         {"retry_count", message.retry_count},
         {"reason", error.reason}});
    return wait ? Outcome::failed : Outcome::dead;
}

}  // namespace billhook::flow
