#pragma once
// Making and revoking API keys. The text of a key is answered once, when it is made; only its hash is kept.

#include <optional>
#include <string>

#include "base/random.h"
#include "domain/access/api_key.h"
#include "flow/command/idempotent_write.h"
#include "store/store.h"

namespace billhook::flow {

struct NewKey {
    std::string name;
    access::Scopes scopes;
    CustomerId customer;  // empty: not bound to one
    std::optional<Timestamp> expires_at;
};

struct MadeKey {
    access::ApiKey key;
    std::string text;  // "bh_…": the secret
};

/// `random` must be secure. Errors: invalid "scopes" without any, or with an operator's for a bound key. The answer is
/// kept with the key.
Result<MadeKey> create_api_key(store::Store& store, RandomSource& random, NewKey const& wish, Timestamp now,
                               AnswerKeeper<MadeKey> const& answers = {});
/// not_found "unknown_key". Revoking again changes nothing.
Result<access::ApiKey> revoke_api_key(store::Store& store, std::string const& id, Timestamp now);
/// Newest first, revoked ones too.
Result<std::vector<access::ApiKey>> list_api_keys(store::Store& store, int limit);

}  // namespace billhook::flow
