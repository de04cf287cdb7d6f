#include "flow/webhook_inbox/worker.h"

#include "base/crash_point.h"
#include "base/log.h"

namespace billhook::flow {
namespace {

// A read that began after the receipt covers the event. One that had its end already was replayed, and asks for a new
// read.
Timestamp moment_of(store::InboxEvent const& event, Timestamp now) {
    return event.finished_at ? now : event.received_at;
}

// A row was parsed once before it was stored; should it no longer be readable, that is this event's failure alone.
Result<stripe::Event> parse_row(store::InboxEvent const& event) {
    auto const tree = TRY(parse_json(event.payload, {.depth_max = 128, .bytes_max = event.payload.size()}));
    return stripe::parse_event(tree);
}

Status finish(store::Store& store, Clock const& clock, PrepareEvent const& prepare, store::InboxEvent const& event) {
    auto const parsed = TRY(parse_row(event));
    auto const work = TRY(prepare(parsed, moment_of(event, clock.now())));
    crash_point("inbox.looked");
    TRY_VOID(store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        TRY_VOID(store::finish_event(writer, event, clock.now()));
        return work.apply ? work.apply(writer) : Status{};
    }));
    crash_point("inbox.applied");
    log(LogLevel::info, work.is_ignored ? "inbox event ignored" : "inbox event handled",
        {{"event", event.id}, {"type", event.type}, {"subject", event.subject}, {"summary", work.summary}});
    return {};
}

}  // namespace

InboxWorker::InboxWorker(store::Store& store, Clock const& clock, RandomSource& random, PrepareEvent prepare,
                         OnDeadLetter on_dead_letter, QueueWorkerSettings settings)
    : QueueWorker(store, clock, random,
                  {.name = "inbox",
                   .claim = store::claim_due_events,
                   .reschedule = store::reschedule_event,
                   .bury = store::bury_event,
                   .handle = [&store, &clock, prepare = std::move(prepare)](
                                 store::InboxEvent const& event) { return finish(store, clock, prepare, event); },
                   .on_dead = std::move(on_dead_letter)},
                  settings) {}

}  // namespace billhook::flow
