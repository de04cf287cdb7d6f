#include "store/checkout_session_store.h"

#include "store/columns.h"
#include "store/query/checkout_session.h"

namespace billhook::store {
namespace {

CheckoutSession read_session(Row const& row) {
    Columns columns(row);
    CheckoutSession session;
    session.customer = columns.id<CustomerId>();
    session.id = columns.text();
    session.line = columns.text();
    session.stripe_session_id = columns.text();
    session.intent = columns.id<IntentId>();
    session.url = columns.text();
    session.status = columns.word(parse_checkout_session_status);
    session.created_at = columns.time();
    session.expires_at = columns.time();
    return session;
}

}  // namespace

char const* to_string(CheckoutSessionStatus status) {
    switch (status) {
        case CheckoutSessionStatus::open:
            return "open";
        case CheckoutSessionStatus::complete:
            return "complete";
        case CheckoutSessionStatus::expired:
            return "expired";
    }
    return "";
}

std::optional<CheckoutSessionStatus> parse_checkout_session_status(std::string_view word) {
    for (auto status : {CheckoutSessionStatus::open, CheckoutSessionStatus::complete, CheckoutSessionStatus::expired})
        if (word == to_string(status)) return status;
    return std::nullopt;
}

Status save_checkout_session(Writer& writer, CheckoutSession const& session) {
    auto saved = writer.execute(query::checkout_session::save,
                                {session.customer, session.id, session.line, session.stripe_session_id, session.intent,
                                 session.url, to_string(session.status), session.created_at, session.expires_at});
    if (!saved)
        return fail(renamed(saved.error(), "checkout_session_open_line",
                            conflict("checkout_already_open", "A payment page of this product line is open already.")));
    return {};
}

Result<std::optional<CheckoutSession>> find_open_checkout_session(Reader& reader, CustomerId const& customer,
                                                                  std::string_view line) {
    return first_of(TRY(reader.query(query::checkout_session::find_open, {customer, line})), read_session);
}

Result<std::optional<CheckoutSession>> find_checkout_session(Reader& reader, CustomerId const& customer,
                                                             std::string_view id) {
    return first_of(TRY(reader.query(query::checkout_session::find, {customer, id})), read_session);
}

Result<std::optional<CheckoutSession>> find_checkout_session_by_stripe_id(Reader& reader,
                                                                          std::string_view stripe_session_id) {
    return first_of(TRY(reader.query(query::checkout_session::find_by_stripe_id, {stripe_session_id})), read_session);
}

Result<std::vector<CheckoutSession>> list_checkout_sessions_expiring_before(Reader& reader, Timestamp before,
                                                                            int limit) {
    return all_of(TRY(reader.query(query::checkout_session::list_expiring_before, {before, limit})), read_session);
}

Result<std::int64_t> purge_ended_checkout_sessions(Writer& writer, Timestamp before, int limit) {
    return writer.execute(query::checkout_session::purge, {before, limit});
}

}  // namespace billhook::store
