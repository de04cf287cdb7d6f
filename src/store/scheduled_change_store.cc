#include "store/scheduled_change_store.h"

#include "store/columns.h"
#include "store/query/scheduled_change.h"

namespace billhook::store {
namespace {

ScheduledChange read_change(Row const& row) {
    Columns columns(row);
    ScheduledChange change;
    change.customer = columns.id<CustomerId>();
    change.id = columns.id<ScheduledChangeId>();
    change.subscription = columns.id<SubscriptionId>();
    change.line = columns.text();
    change.from_plan = columns.text();
    change.to_plan = columns.text();
    change.to_interval = columns.interval();
    change.effective_at = columns.time();
    change.stripe_schedule_id = columns.text();
    change.status = columns.word(subscription::parse_scheduled_change_status);
    change.created_at = columns.time();
    change.ended_at = columns.optional_time();
    change.to_quantity = columns.integer();
    return change;
}

Error renamed_conflict(Error const& error) {
    return renamed(error, "scheduled_change_subscription",
                   conflict("change_already_scheduled", "A change is scheduled already. Cancel it first."));
}

}  // namespace

Status insert_scheduled_change(Writer& writer, ScheduledChange const& change) {
    auto inserted =
        writer.execute(query::scheduled_change::insert,
                       {change.customer, change.id, change.subscription, change.line, change.from_plan, change.to_plan,
                        to_string(change.to_interval), change.effective_at, change.stripe_schedule_id,
                        to_string(change.status), change.created_at, change.ended_at, change.to_quantity});
    if (!inserted) return fail(renamed_conflict(inserted.error()));
    return {};
}

Status update_scheduled_change(Writer& writer, ScheduledChange const& change) {
    auto updated = writer.execute(query::scheduled_change::update,
                                  {change.customer, change.id, change.from_plan, change.to_plan,
                                   to_string(change.to_interval), change.effective_at, change.stripe_schedule_id,
                                   to_string(change.status), change.ended_at, change.to_quantity});
    if (!updated) return fail(renamed_conflict(updated.error()));
    if (*updated == 0) return fail(not_found("There is no scheduled change " + change.id.str() + "."));
    return {};
}

Result<std::optional<ScheduledChange>> find_scheduled_change(Reader& reader, CustomerId const& customer,
                                                             SubscriptionId const& subscription) {
    return first_of(TRY(reader.query(query::scheduled_change::find_scheduled, {customer, subscription})), read_change);
}

Result<std::optional<ScheduledChange>> find_scheduled_change_by_stripe_id(Reader& reader,
                                                                          std::string_view stripe_schedule_id) {
    return first_of(TRY(reader.query(query::scheduled_change::find_by_stripe_id, {stripe_schedule_id})), read_change);
}

Result<std::vector<ScheduledChange>> list_scheduled_changes(Reader& reader, CustomerId const& customer, int limit) {
    return all_of(TRY(reader.query(query::scheduled_change::list_by_customer, {customer, limit})), read_change);
}

}  // namespace billhook::store
