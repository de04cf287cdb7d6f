#pragma once
// The outbox: calls and messages that were promised in a transaction and are still to be sent. Messages of one subject
// are never held by two workers at a time.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/customer/customer.h"
#include "store/cursor.h"
#include "store/queue_status.h"
#include "store/store.h"

namespace billhook::store {

struct OutboxMessage {
    std::string id;  // "msg_…"
    std::string kind;
    CustomerId customer;  // empty where it concerns none
    std::string subject;  // messages of one subject go in turn; never empty
    std::string payload;  // JSON text
    QueueStatus status = QueueStatus::pending;
    int retry_count = 0;
    Timestamp next_retry_at;                // due from then on
    std::optional<Timestamp> locked_until;  // the lease of the worker that holds it, which also proves that it does
    std::string error;
    Timestamp created_at;
    std::optional<Timestamp> finished_at;
    auto operator<=>(OutboxMessage const&) const = default;
};

/// Stores the message as it is. Under a customer's scope it must be of that customer. A command that will carry it out
/// itself enqueues it already held (status `processing` and a locked_until); if the command dies, the lease runs out
/// and the outbox worker takes over.
Status enqueue_message(Writer& writer, OutboxMessage const& message);

/// Whether a claim may find something: cheaper than a claim that finds nothing.
Result<bool> has_due_messages(Reader& reader, Timestamp now);
/// Takes up to `limit` due messages, at most one of each subject and none of a subject that is held, oldest first.
/// Under the system's scope only.
Result<std::vector<OutboxMessage>> claim_due_messages(Writer& writer, Timestamp now, Duration lease, int limit);

// The ends of a claim. Conflict "lease_lost" where someone else holds the message by now: roll back then.
Status finish_message(Writer& writer, OutboxMessage const& claimed, Timestamp now);
/// As count_event_attempt().
Status count_message_attempt(Writer& writer, OutboxMessage const& claimed);
/// Failed; due again at `retry_at`, retry_count goes up by one.
Status reschedule_message(Writer& writer, OutboxMessage const& claimed, Timestamp retry_at, std::string_view error);
/// Failed through no fault of its own; due again at `retry_at`, retry_count stays.
Status postpone_message(Writer& writer, OutboxMessage const& claimed, Timestamp retry_at, std::string_view error);
Status bury_message(Writer& writer, OutboxMessage const& claimed, std::string_view error, Timestamp now);

/// Makes a message that is done, failed or dead due at once, with retry_count 0. Conflict "message_in_progress" where
/// it is held, not_found where there is none.
Status replay_message(Writer& writer, std::string_view id, Timestamp now);

Result<std::optional<OutboxMessage>> find_message(Reader& reader, std::string_view id);

struct OutboxFilter {
    std::optional<QueueStatus> status;
    std::string kind;  // empty: any
};
/// A newer message of its kind and subject has been delivered.
Result<bool> was_overtaken(Reader& reader, OutboxMessage const& message);
/// Newest first; the cursor is (created_at, id).
Result<std::vector<OutboxMessage>> list_messages(Reader& reader, OutboxFilter const& filter,
                                                 std::optional<Cursor> const& after, int limit);
/// Every status is present.
Result<std::map<QueueStatus, std::int64_t>> count_messages(Reader& reader);

/// Deletes up to `limit` messages that were done by `before`, the oldest first; how many. Dead letters stay.
Result<std::int64_t> purge_done_messages(Writer& writer, Timestamp before, int limit);

}  // namespace billhook::store
