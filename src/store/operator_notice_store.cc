#include "store/operator_notice_store.h"

#include "store/columns.h"
#include "store/query/operator_notice.h"

namespace billhook::store {
namespace {

OperatorNotice read_notice(Row const& row) {
    Columns columns(row);
    OperatorNotice notice;
    notice.id = columns.text();
    notice.kind = columns.text();
    notice.customer = columns.id<CustomerId>();
    notice.subject = columns.text();
    notice.text = columns.text();
    notice.created_at = columns.time();
    notice.seen_at = columns.optional_time();
    return notice;
}

}  // namespace

Status add_notice(Writer& writer, OperatorNotice const& notice) {
    TRY(writer.execute(query::operator_notice::insert,
                       {notice.id, notice.kind, notice.customer, notice.subject, notice.text, notice.created_at}));
    return {};
}

Result<bool> mark_notice_seen(Writer& writer, std::string_view id, Timestamp now) {
    return TRY(writer.execute(query::operator_notice::mark_seen, {id, now})) == 1;
}

Result<std::vector<OperatorNotice>> list_notices(Reader& reader, NoticeFilter filter,
                                                 std::optional<Cursor> const& after, int limit) {
    Cursor const cursor = after.value_or(newest);
    return all_of(
        TRY(reader.query(query::operator_notice::list, {cursor.at, cursor.id, filter == NoticeFilter::unseen, limit})),
        read_notice);
}

Result<std::int64_t> count_unseen_notices(Reader& reader) {
    return TRY(reader.query(query::operator_notice::count_unseen, {})).at(0).integer(0);
}

}  // namespace billhook::store
