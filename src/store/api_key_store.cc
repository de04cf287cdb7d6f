#include "store/api_key_store.h"

#include "store/columns.h"
#include "store/query/api_key.h"

namespace billhook::store {
namespace {

access::ApiKey read_key(Row const& row) {
    Columns columns(row);
    access::ApiKey key;
    key.id = columns.text();
    key.secret_hash = columns.text();
    key.name = columns.text();
    auto const scopes = access::parse_scopes(columns.text());
    CHECK(scopes.has_value());
    key.scopes = *scopes;
    key.customer = columns.id<CustomerId>();
    key.created_at = columns.time();
    key.expires_at = columns.optional_time();
    key.revoked_at = columns.optional_time();
    key.last_used_at = columns.optional_time();
    return key;
}

}  // namespace

Status insert_api_key(Writer& writer, access::ApiKey const& key) {
    TRY(writer.execute(query::api_key::insert,
                       {key.id, key.secret_hash, key.name, access::to_text(key.scopes), key.customer, key.created_at,
                        key.expires_at, key.revoked_at, key.last_used_at}));
    return {};
}

Result<std::optional<access::ApiKey>> find_api_key(Reader& reader, std::string_view id) {
    return first_of(TRY(reader.query(query::api_key::find, {id})), read_key);
}

Result<std::vector<access::ApiKey>> list_api_keys(Reader& reader, std::optional<Cursor> const& after, int limit) {
    Cursor const cursor = after.value_or(newest);
    return all_of(TRY(reader.query(query::api_key::list, {cursor.at, cursor.id, limit})), read_key);
}

Result<std::vector<access::ApiKey>> list_valid_api_keys(Reader& reader, Timestamp now) {
    return all_of(TRY(reader.query(query::api_key::list_valid, {now})), read_key);
}

Status revoke_api_key(Writer& writer, std::string_view id, Timestamp now) {
    if (TRY(writer.execute(query::api_key::revoke, {id, now})) == 0)
        return fail(not_found("There is no API key " + std::string(id) + "."));
    return {};
}

Status touch_api_key(Writer& writer, std::string_view id, Timestamp last_used_at) {
    TRY(writer.execute(query::api_key::touch, {id, last_used_at}));
    return {};
}

}  // namespace billhook::store
