#include "flow/webhook_inbox/worker.h"

#include <span>

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
    auto tree = TRY(parse_json(event.payload, {.depth_max = 128, .bytes_max = event.payload.size()}));
    return stripe::parse_event(std::move(tree));
}

/// An event, and what a look at Stripe came to.
struct Looked {
    std::size_t place;  // in the batch
    store::InboxEvent const& event;
    EventWork work;
};

class Batch {
  public:
    Batch(store::Store& store, Clock const& clock, Duration lease, PrepareEvent const& prepare)
        : store_(store), clock_(clock), lease_(lease), prepare_(prepare) {}

    std::vector<Status> finish(std::vector<store::InboxEvent> const& events) {
        std::vector<Status> outcomes(events.size());
        std::vector<Looked> looked;
        ReadObjects read;
        for (std::size_t i = 0; i < events.size(); ++i) {
            auto work = caught([&] { return look(events[i], read); });
            if (!work) {
                outcomes[i] = fail(std::move(work).error());
                continue;
            }
            read.insert(work->reads.begin(), work->reads.end());
            looked.push_back({i, events[i], std::move(*work)});
        }
        // One commit for all; where one of them cannot be written the others must not wait for it.
        if (looked.size() > 1 && caught([&] { return apply(looked); })) return outcomes;
        for (auto& each : looked) outcomes[each.place] = caught([&] { return finish_alone(each); });
        return outcomes;
    }

  private:
    Result<EventWork> look(store::InboxEvent const& event, ReadObjects const& read_beside) {
        auto const now = clock_.now();
        TRY_VOID(check_lease(event, lease_, now));
        auto const parsed = TRY(parse_row(event));
        return prepare_(parsed, moment_of(event, now), read_beside);
    }

    Status finish_alone(Looked& looked) {
        // What it left to another's read may not have been written.
        if (looked.work.rests_on_others) looked.work = TRY(look(looked.event, {}));
        return apply({&looked, 1});
    }

    Status apply(std::span<Looked const> looked) {
        if (looked.empty()) return {};
        crash_point("inbox.looked");
        auto const now = clock_.now();
        TRY_VOID(store_.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
            for (auto const& [place, event, work] : looked) {
                TRY_VOID(store::finish_event(writer, event, now));
                if (work.apply) TRY_VOID(work.apply(writer));
            }
            return {};
        }));
        crash_point("inbox.applied");
        for (auto const& [place, event, work] : looked)
            log(LogLevel::info, work.is_ignored ? "inbox event ignored" : "inbox event handled",
                {{"event", event.id}, {"type", event.type}, {"subject", event.subject}, {"summary", work.summary}});
        return {};
    }

    store::Store& store_;
    Clock const& clock_;
    Duration lease_;
    PrepareEvent const& prepare_;
};

}  // namespace

InboxWorker::InboxWorker(store::Store& store, Clock const& clock, RandomSource& random, PrepareEvent prepare,
                         OnDeadLetter on_dead_letter, QueueWorkerSettings settings)
    : QueueWorker(store, clock, random,
                  {.name = "inbox",
                   .has_due = store::has_due_events,
                   .claim = store::claim_due_events,
                   .count_attempt = store::count_event_attempt,
                   .reschedule = store::reschedule_event,
                   .postpone = store::postpone_event,
                   .bury = store::bury_event,
                   .handle =
                       [&store, &clock, lease = settings.lease,
                        prepare = std::move(prepare)](std::vector<store::InboxEvent> const& events) {
                           return Batch(store, clock, lease, prepare).finish(events);
                       },
                   .on_dead = std::move(on_dead_letter)},
                  settings) {}

}  // namespace billhook::flow
