#include "store/idempotency_store.h"

#include "store/columns.h"
#include "store/query/idempotency_record.h"

namespace billhook::store {
namespace {

std::optional<IdempotencyStatus> parse_status(std::string_view word) {
    for (auto status : {IdempotencyStatus::running, IdempotencyStatus::done})
        if (word == to_string(status)) return status;
    return std::nullopt;
}

IdempotencyRecord read_record(Row const& row) {
    Columns columns(row);
    IdempotencyRecord record;
    record.customer = columns.id<CustomerId>();
    record.caller = columns.text();
    record.key = columns.text();
    record.fingerprint = columns.text();
    record.status = columns.word(parse_status);
    record.running_until = columns.time();
    record.response_status = static_cast<int>(columns.integer());
    record.response_body = columns.text();
    record.created_at = columns.time();
    record.expires_at = columns.time();
    return record;
}

/// Only the process that holds the claim ends it.
Status require_claim(Result<std::int64_t> const& changed) {
    if (!changed) return fail(changed.error());
    if (*changed == 0)
        return fail(conflict("claim_lost", "The same request was taken over by another process. Look what it did."));
    return {};
}

}  // namespace

char const* to_string(IdempotencyStatus status) {
    return status == IdempotencyStatus::running ? "running" : "done";
}

Result<std::optional<IdempotencyRecord>> claim_idempotency_key(Writer& writer, IdempotencyRecord const& record,
                                                               Timestamp now) {
    auto const claimed = TRY(writer.execute(query::idempotency_record::claim,
                                            {record.customer, record.caller, record.key, record.fingerprint,
                                             record.running_until, record.created_at, record.expires_at, now}));
    if (claimed == 1) return std::nullopt;
    auto holder = TRY(find_idempotency_key(writer, record.customer, record.caller, record.key));
    CHECK(holder.has_value());
    return holder;
}

Status complete_idempotency_key(Writer& writer, IdempotencyRecord const& record) {
    return require_claim(writer.execute(query::idempotency_record::complete,
                                        {record.customer, record.caller, record.key, record.running_until,
                                         record.response_status, record.response_body, record.expires_at}));
}

Status release_idempotency_key(Writer& writer, IdempotencyRecord const& record) {
    return require_claim(writer.execute(query::idempotency_record::release,
                                        {record.customer, record.caller, record.key, record.running_until}));
}

Result<std::optional<IdempotencyRecord>> find_idempotency_key(Reader& reader, CustomerId const& customer,
                                                              std::string_view caller, std::string_view key) {
    return first_of(TRY(reader.query(query::idempotency_record::find, {customer, caller, key})), read_record);
}

Result<std::int64_t> purge_expired_idempotency_keys(Writer& writer, Timestamp now, int limit) {
    return writer.execute(query::idempotency_record::purge, {now, limit});
}

}  // namespace billhook::store
