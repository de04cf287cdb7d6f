#include "flow/webhook_inbox/worker.h"

#include <exception>

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/failure_note.h"

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

}  // namespace

InboxWorker::InboxWorker(store::Store& store, Clock const& clock, RandomSource& random, PrepareEvent prepare,
                         OnDeadLetter on_dead_letter, InboxWorkerSettings settings)
    : store_(store),
      clock_(clock),
      random_(random),
      prepare_(std::move(prepare)),
      on_dead_letter_(std::move(on_dead_letter)),
      settings_(settings) {}

Result<Progress> InboxWorker::run_once(Timestamp now) {
    auto const events = TRY(store_.write_value(store::Scope::system(), [&](store::Writer& writer) {
        return store::claim_due_events(writer, now, settings_.lease, settings_.batch_max);
    }));
    if (!events.empty()) crash_point("inbox.claimed");
    Progress progress;
    progress.has_more = static_cast<int>(events.size()) >= settings_.batch_max;
    for (auto const& event : events) {
        // The rest of a slow batch is left to whoever claims it after the lease.
        if (event.locked_until && clock_.now() + Duration{settings_.lease.ms / 4} >= *event.locked_until) break;
        switch (handle(event)) {
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

InboxWorker::Outcome InboxWorker::handle(store::InboxEvent const& event) {
    auto const status = finish(event);
    if (status) return Outcome::done;
    if (status.error().reason == "lease_lost") return Outcome::lost;
    auto const outcome = give_back(event, status.error());
    if (outcome) return *outcome;
    if (outcome.error().reason == "lease_lost") return Outcome::lost;
    log(LogLevel::error, "inbox event could not be given back; its lease will run out",
        {{"event", event.id}, {"reason", outcome.error().reason}});
    return Outcome::lost;
}

// A handler that throws has failed like one that returns an error: it must not stop the events behind it.
Status InboxWorker::finish(store::InboxEvent const& event) try {
    auto const parsed = TRY(parse_row(event));
    auto const work = TRY(prepare_(parsed, moment_of(event, clock_.now())));
    crash_point("inbox.looked");
    TRY_VOID(store_.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        TRY_VOID(store::finish_event(writer, event, clock_.now()));
        return work.apply ? work.apply(writer) : Status{};
    }));
    crash_point("inbox.applied");
    log(LogLevel::info, work.is_ignored ? "inbox event ignored" : "inbox event handled",
        {{"event", event.id}, {"type", event.type}, {"subject", event.subject}, {"summary", work.summary}});
    return {};
} catch (std::exception const& exception) {
    return fail(unavailable("handler_threw", exception.what()));
}

Result<InboxWorker::Outcome> InboxWorker::give_back(store::InboxEvent const& event, Error const& error) {
    crash_point("inbox.failed");
    auto const now = clock_.now();
    auto const wait = settings_.retries.next_wait(event.retry_count, random_);
    TRY_VOID(store_.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        if (wait) return store::reschedule_event(writer, event, now + *wait, failure_note(error));
        TRY_VOID(store::bury_event(writer, event, failure_note(error), now));
        return on_dead_letter_ ? on_dead_letter_(writer, event, error) : Status{};
    }));
    crash_point("inbox.given_back");
    log(wait ? LogLevel::warn : LogLevel::error, wait ? "inbox event failed" : "inbox event is a dead letter",
        {{"event", event.id},
         {"type", event.type},
         {"subject", event.subject},
         {"retry_count", event.retry_count},
         {"reason", error.reason}});
    return wait ? Outcome::failed : Outcome::dead;
}

}  // namespace billhook::flow
