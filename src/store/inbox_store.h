#pragma once
// The inbox: Stripe's events, stored once before they are answered, then worked off. Events of one subject are never
// held by two workers at a time; a failed one waits for its retry without holding up its subject. Everything here runs
// under the system's scope.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/cursor.h"
#include "store/queue_status.h"
#include "store/store.h"

namespace billhook::store {

struct InboxEvent {
    std::string id;  // Stripe's, "evt_…"
    std::string type;
    std::string subject;  // what it is about, so that its events go in turn; never empty
    std::string payload;  // JSON text, redacted by the caller
    std::string api_version;
    Timestamp stripe_created_at;
    Timestamp received_at;
    QueueStatus status = QueueStatus::pending;
    int retry_count = 0;
    Timestamp next_retry_at;                // due from then on
    std::optional<Timestamp> locked_until;  // the lease of the worker that holds it, which also proves that it does
    std::string error;                      // why it last failed
    std::optional<Timestamp> finished_at;   // also of one that was replayed since: its last end
    auto operator<=>(InboxEvent const&) const = default;
};

/// False where an event of that id is there already; nothing is changed then.
Result<bool> insert_event(Writer& writer, InboxEvent const& event);

/// Whether a claim may find something: cheaper than a claim that finds nothing.
Result<bool> has_due_events(Reader& reader, Timestamp now);
/// Takes up to `limit` due events, none of a subject that another worker holds, oldest first; several of one subject
/// come to the one who took the first. A lease that has run out counts as due. They come back with status `processing`
/// and locked_until = now + lease; one whose lease had run out with the error `interrupted`.
Result<std::vector<InboxEvent>> claim_due_events(Writer& writer, Timestamp now, Duration lease, int limit);

// The ends of a claim. Conflict "lease_lost" where someone else holds the event by now: roll back then.
Status finish_event(Writer& writer, InboxEvent const& claimed, Timestamp now);
/// Of one that was `interrupted`, before it is tried again: retry_count goes up by one, however the attempt ends.
Status count_event_attempt(Writer& writer, InboxEvent const& claimed);
/// Failed; due again at `retry_at`, retry_count goes up by one.
Status reschedule_event(Writer& writer, InboxEvent const& claimed, Timestamp retry_at, std::string_view error);
/// Failed through no fault of its own; due again at `retry_at`, retry_count stays.
Status postpone_event(Writer& writer, InboxEvent const& claimed, Timestamp retry_at, std::string_view error);
/// A dead letter.
Status bury_event(Writer& writer, InboxEvent const& claimed, std::string_view error, Timestamp now);

/// Makes an event that is done, failed or dead due at once, with retry_count 0. Conflict "event_in_progress" where it
/// is being processed, not_found where there is none.
Status replay_event(Writer& writer, std::string_view id, Timestamp now);

Result<std::optional<InboxEvent>> find_event(Reader& reader, std::string_view id);

struct InboxFilter {
    std::optional<QueueStatus> status;
    std::string type;     // empty: any
    std::string subject;  // empty: any
};
/// Newest first; the cursor is (received_at, id).
Result<std::vector<InboxEvent>> list_events(Reader& reader, InboxFilter const& filter,
                                            std::optional<Cursor> const& after, int limit);
/// Every status is present.
Result<std::map<QueueStatus, std::int64_t>> count_events(Reader& reader);
/// received_at of the oldest event that is pending, failed or processing.
Result<std::optional<Timestamp>> oldest_unfinished_event(Reader& reader);

/// Deletes up to `limit` events that were done by `before`, the oldest first; how many. Dead letters stay.
Result<std::int64_t> purge_done_events(Writer& writer, Timestamp before, int limit);

}  // namespace billhook::store
