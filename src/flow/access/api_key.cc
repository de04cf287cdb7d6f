#include "flow/access/api_key.h"

#include "base/crash_point.h"
#include "store/api_key_store.h"

namespace billhook::flow {
namespace {

constexpr int secret_characters = 43;  // of base 62: 256 bits

}  // namespace

Result<MadeKey> create_api_key(store::Store& store, RandomSource& random, NewKey const& wish, Timestamp now,
                               AnswerKeeper<MadeKey> const& answers) {
    if (wish.scopes.empty()) return fail(invalid("scopes", "name at least one scope", "missing_field"));
    bool const is_operators =
        wish.scopes.contains(access::Scope::operator_read) || wish.scopes.contains(access::Scope::operator_write);
    if (is_operators && !wish.customer.empty())
        return fail(invalid("scopes", "an operator sees every customer; a key that is bound to one has no such scope"));
    MadeKey made{.text = "bh_" + random.alphanumeric(secret_characters)};
    made.key.secret_hash = access::secret_hash_of(made.text);
    made.key.id = access::key_id_of(made.key.secret_hash);
    made.key.name = wish.name;
    made.key.scopes = wish.scopes;
    made.key.customer = wish.customer;
    made.key.created_at = now;
    made.key.expires_at = wish.expires_at;
    TRY_VOID(store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        TRY_VOID(store::insert_api_key(writer, made.key));
        return answers.keep(writer, made);
    }));
    crash_point("api_key.made");
    return made;
}

Result<access::ApiKey> revoke_api_key(store::Store& store, std::string const& id, Timestamp now) {
    return store.write_value(store::Scope::system(), [&](store::Writer& writer) -> Result<access::ApiKey> {
        auto const known = TRY(store::find_api_key(writer, id));
        if (!known) return fail(not_found("there is no API key '" + id + "'", "unknown_key"));
        TRY_VOID(store::revoke_api_key(writer, id, now));
        return *TRY(store::find_api_key(writer, id));
    });
}

Result<std::vector<access::ApiKey>> list_api_keys(store::Store& store, int limit) {
    return store.read_value(store::Scope::system(),
                            [&](store::Reader& reader) { return store::list_api_keys(reader, std::nullopt, limit); });
}

}  // namespace billhook::flow
