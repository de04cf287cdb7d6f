#pragma once
// Operator notices: what a person should look at, kept until they say that they have. A request may add one about its
// customer; the rest runs under the system's scope.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/customer/customer.h"
#include "store/cursor.h"
#include "store/store.h"

namespace billhook::store {

struct OperatorNotice {
    std::string id;       // named after what it is about, so that news that comes twice is told once
    std::string kind;     // "dead_event", "dead_message", "duplicate_subscription"
    CustomerId customer;  // empty where it concerns none
    std::string subject;  // the id of what it is about
    std::string text;     // what happened and what to do
    Timestamp created_at;
    std::optional<Timestamp> seen_at;
    auto operator<=>(OperatorNotice const&) const = default;
};

/// Nothing is changed where the notice is there already.
Status add_notice(Writer& writer, OperatorNotice const& notice);
/// False where there is no such notice that was not seen yet.
Result<bool> mark_notice_seen(Writer& writer, std::string_view id, Timestamp now);

enum class NoticeFilter { all, unseen };
/// Newest first; the cursor is (created_at, id).
Result<std::vector<OperatorNotice>> list_notices(Reader& reader, NoticeFilter filter,
                                                 std::optional<Cursor> const& after, int limit);
Result<std::int64_t> count_unseen_notices(Reader& reader);

}  // namespace billhook::store
