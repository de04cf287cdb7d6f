#include "store/inbox_store.h"

#include <algorithm>

#include "store/columns.h"
#include "store/query/inbox_event.h"
#include "store/queue_claim.h"

namespace billhook::store {
namespace {

InboxEvent read_event(Row const& row) {
    Columns columns(row);
    InboxEvent event;
    event.id = columns.text();
    event.type = columns.text();
    event.subject = columns.text();
    event.api_version = columns.text();
    event.stripe_created_at = columns.time();
    event.received_at = columns.time();
    event.status = columns.word(parse_queue_status);
    event.retry_count = static_cast<int>(columns.integer());
    event.next_retry_at = columns.time();
    event.locked_until = columns.optional_time();
    event.error = columns.text();
    event.finished_at = columns.optional_time();
    event.payload = columns.text();
    return event;
}

}  // namespace

Result<bool> insert_event(Writer& writer, InboxEvent const& event) {
    CHECK(!event.subject.empty());
    auto const inserted = TRY(writer.execute(
        query::inbox_event::insert, {event.id, event.type, event.subject, event.api_version, event.stripe_created_at,
                                     event.received_at, to_string(event.status), event.retry_count, event.next_retry_at,
                                     event.locked_until, event.error, event.finished_at}));
    if (inserted == 0) return false;
    TRY(writer.execute(query::inbox_event::insert_payload, {event.received_at, event.id, event.payload}));
    return true;
}

Result<bool> has_due_events(Reader& reader, Timestamp now) {
    return !TRY(reader.query(query::inbox_event::find_due, {now})).empty();
}

Result<std::vector<InboxEvent>> claim_due_events(Writer& writer, Timestamp now, Duration lease, int limit) {
    auto claimed =
        all_of(TRY(writer.query(query::inbox_event::claim, {now, now + lease, limit, interrupted})), read_event);
    std::ranges::sort(claimed, {}, [](InboxEvent const& event) { return std::tie(event.received_at, event.id); });
    return claimed;
}

Status finish_event(Writer& writer, InboxEvent const& claimed, Timestamp now) {
    return require_lease(writer.execute(query::inbox_event::finish, {claimed.id, claimed.locked_until, now}));
}

Status count_event_attempt(Writer& writer, InboxEvent const& claimed) {
    return require_lease(writer.execute(query::inbox_event::count_attempt, {claimed.id, claimed.locked_until}));
}

Status reschedule_event(Writer& writer, InboxEvent const& claimed, Timestamp retry_at, std::string_view error) {
    return require_lease(
        writer.execute(query::inbox_event::reschedule, {claimed.id, claimed.locked_until, retry_at, error}));
}

Status postpone_event(Writer& writer, InboxEvent const& claimed, Timestamp retry_at, std::string_view error) {
    return require_lease(
        writer.execute(query::inbox_event::postpone, {claimed.id, claimed.locked_until, retry_at, error}));
}

Status bury_event(Writer& writer, InboxEvent const& claimed, std::string_view error, Timestamp now) {
    return require_lease(writer.execute(query::inbox_event::bury, {claimed.id, claimed.locked_until, now, error}));
}

Status replay_event(Writer& writer, std::string_view id, Timestamp now) {
    if (TRY(writer.execute(query::inbox_event::replay, {id, now})) == 1) return {};
    if (TRY(find_event(writer, id)))
        return fail(conflict("event_in_progress", "The event is being processed. Wait until it has ended."));
    return fail(not_found("There is no event " + std::string(id) + "."));
}

Result<std::optional<InboxEvent>> find_event(Reader& reader, std::string_view id) {
    return first_of(TRY(reader.query(query::inbox_event::find, {id})), read_event);
}

Result<std::vector<InboxEvent>> list_events(Reader& reader, InboxFilter const& filter,
                                            std::optional<Cursor> const& after, int limit) {
    Cursor const cursor = after.value_or(newest);
    return all_of(TRY(reader.query(query::inbox_event::list,
                                   {cursor.at, cursor.id, filter.status ? to_string(*filter.status) : "", filter.type,
                                    filter.subject, limit})),
                  read_event);
}

Result<std::map<QueueStatus, std::int64_t>> count_events(Reader& reader) {
    return counts_of(TRY(reader.query(query::inbox_event::count_by_status, {})));
}

Result<std::optional<Timestamp>> oldest_unfinished_event(Reader& reader) {
    return TRY(reader.query(query::inbox_event::oldest_unfinished, {})).at(0).optional_time(0);
}

Result<std::int64_t> purge_done_events(Writer& writer, Timestamp before, int limit) {
    TRY(writer.execute(query::inbox_event::purge_payloads, {before, limit}));
    return writer.execute(query::inbox_event::purge, {before, limit});
}

}  // namespace billhook::store
