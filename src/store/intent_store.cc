#include "store/intent_store.h"

#include "store/columns.h"
#include "store/query/intent.h"

namespace billhook::store {
namespace {

Intent read_intent(Row const& row) {
    Columns columns(row);
    Intent intent;
    intent.customer = columns.id<CustomerId>();
    intent.id = columns.id<IntentId>();
    intent.subscription = columns.id<SubscriptionId>();
    intent.line = columns.text();
    intent.kind = columns.word(subscription::parse_intent_kind);
    intent.status = columns.word(subscription::parse_intent_status);
    auto const parameters = parse_json(columns.text());
    CHECK(parameters && parameters->is_object());
    intent.parameters = parameters->get_object();
    intent.reason = columns.text();
    intent.cause = columns.text();
    intent.created_at = columns.time();
    intent.ended_at = columns.optional_time();
    return intent;
}

}  // namespace

Status insert_intent(Writer& writer, Intent const& intent) {
    auto const inserted = writer.execute(
        query::intent::insert,
        {intent.customer, intent.id, intent.subscription, intent.line, to_string(intent.kind), to_string(intent.status),
         to_text(intent.parameters), intent.reason, intent.cause, intent.created_at, intent.ended_at});
    if (!inserted)
        return fail(renamed(inserted.error(), "intent_pending_line",
                            conflict("change_in_progress",
                                     "Another change of this product line is in progress. Wait until it has ended.")));
    return {};
}

Status update_intent(Writer& writer, Intent const& intent) {
    auto const updated = TRY(writer.execute(query::intent::update,
                                            {intent.customer, intent.id, intent.subscription, to_string(intent.status),
                                             to_text(intent.parameters), intent.reason, intent.ended_at}));
    if (updated == 0) return fail(not_found("There is no intent " + intent.id.str() + "."));
    return {};
}

Result<std::optional<Intent>> find_intent(Reader& reader, CustomerId const& customer, IntentId const& id) {
    return first_of(TRY(reader.query(query::intent::find, {customer, id})), read_intent);
}

Result<std::optional<Intent>> find_pending_intent(Reader& reader, CustomerId const& customer, std::string_view line) {
    return first_of(TRY(reader.query(query::intent::find_pending, {customer, line})), read_intent);
}

Result<std::optional<Intent>> find_last_ended_intent(Reader& reader, CustomerId const& customer,
                                                     std::string_view line) {
    return first_of(TRY(reader.query(query::intent::find_last_ended, {customer, line})), read_intent);
}

Result<std::vector<Intent>> list_pending_intents(Reader& reader, CustomerId const& customer) {
    return all_of(TRY(reader.query(query::intent::list_pending, {customer})), read_intent);
}

Result<std::vector<Intent>> list_intents_to_follow_up(Reader& reader, Timestamp now, Timestamp made_by, int limit) {
    return all_of(TRY(reader.query(query::intent::list_due_for_follow_up, {now, made_by, limit})), read_intent);
}

Status set_intent_follow_up(Writer& writer, Intent const& intent, Timestamp at) {
    TRY(writer.execute(query::intent::set_follow_up, {intent.customer, intent.id, at}));
    return {};
}

}  // namespace billhook::store
