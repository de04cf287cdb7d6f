#include "store/outbox_store.h"

#include <algorithm>

#include "store/columns.h"
#include "store/query/outbox_message.h"
#include "store/queue_claim.h"

namespace billhook::store {
namespace {

OutboxMessage read_message(Row const& row) {
    Columns columns(row);
    OutboxMessage message;
    message.id = columns.text();
    message.kind = columns.text();
    message.customer = columns.id<CustomerId>();
    message.subject = columns.text();
    message.payload = columns.text();
    message.status = columns.word(parse_queue_status);
    message.retry_count = static_cast<int>(columns.integer());
    message.next_retry_at = columns.time();
    message.locked_until = columns.optional_time();
    message.error = columns.text();
    message.created_at = columns.time();
    message.finished_at = columns.optional_time();
    return message;
}

}  // namespace

Status enqueue_message(Writer& writer, OutboxMessage const& message) {
    CHECK(!message.subject.empty());
    CHECK((message.status == QueueStatus::processing) == message.locked_until.has_value());
    // One that is born held becomes due when its lease runs out, like one that was claimed.
    Timestamp const due_at = message.locked_until.value_or(message.next_retry_at);
    TRY(writer.execute(
        query::outbox_message::insert,
        {message.id, message.kind, message.customer, message.subject, message.payload, to_string(message.status),
         message.retry_count, due_at, message.locked_until, message.error, message.created_at, message.finished_at}));
    return {};
}

Result<bool> has_due_messages(Reader& reader, Timestamp now) {
    return !TRY(reader.query(query::outbox_message::find_due, {now})).empty();
}

Result<std::vector<OutboxMessage>> claim_due_messages(Writer& writer, Timestamp now, Duration lease, int limit) {
    auto claimed = all_of(
        TRY(writer.query(query::outbox_message::claim, {now, now + lease, limit, looked_at_max(limit), interrupted})),
        read_message);
    std::ranges::sort(claimed, {},
                      [](OutboxMessage const& message) { return std::tie(message.created_at, message.id); });
    return claimed;
}

Status finish_message(Writer& writer, OutboxMessage const& claimed, Timestamp now) {
    return require_lease(writer.execute(query::outbox_message::finish, {claimed.id, claimed.locked_until, now}));
}

Status count_message_attempt(Writer& writer, OutboxMessage const& claimed) {
    return require_lease(writer.execute(query::outbox_message::count_attempt, {claimed.id, claimed.locked_until}));
}

Status reschedule_message(Writer& writer, OutboxMessage const& claimed, Timestamp retry_at, std::string_view error) {
    return require_lease(
        writer.execute(query::outbox_message::reschedule, {claimed.id, claimed.locked_until, retry_at, error}));
}

Status postpone_message(Writer& writer, OutboxMessage const& claimed, Timestamp retry_at, std::string_view error) {
    return require_lease(
        writer.execute(query::outbox_message::postpone, {claimed.id, claimed.locked_until, retry_at, error}));
}

Status bury_message(Writer& writer, OutboxMessage const& claimed, std::string_view error, Timestamp now) {
    return require_lease(writer.execute(query::outbox_message::bury, {claimed.id, claimed.locked_until, now, error}));
}

Status replay_message(Writer& writer, std::string_view id, Timestamp now) {
    if (TRY(writer.execute(query::outbox_message::replay, {id, now})) == 1) return {};
    if (TRY(find_message(writer, id)))
        return fail(conflict("message_in_progress", "The message is being sent. Wait until that has ended."));
    return fail(not_found("There is no message " + std::string(id) + "."));
}

Result<std::optional<OutboxMessage>> find_message(Reader& reader, std::string_view id) {
    return first_of(TRY(reader.query(query::outbox_message::find, {id})), read_message);
}

Result<bool> was_overtaken(Reader& reader, OutboxMessage const& message) {
    return !TRY(reader.query(query::outbox_message::find_newer_done,
                             {message.created_at, message.id, message.kind, message.subject}))
                .empty();
}

Result<std::vector<OutboxMessage>> list_messages(Reader& reader, OutboxFilter const& filter,
                                                 std::optional<Cursor> const& after, int limit) {
    Cursor const cursor = after.value_or(newest);
    return all_of(
        TRY(reader.query(query::outbox_message::list,
                         {cursor.at, cursor.id, filter.status ? to_string(*filter.status) : "", filter.kind, limit})),
        read_message);
}

Result<std::map<QueueStatus, std::int64_t>> count_messages(Reader& reader) {
    return counts_of(TRY(reader.query(query::outbox_message::count_by_status, {})));
}

Result<std::int64_t> purge_done_messages(Writer& writer, Timestamp before, int limit) {
    return writer.execute(query::outbox_message::purge, {before, limit});
}

}  // namespace billhook::store
