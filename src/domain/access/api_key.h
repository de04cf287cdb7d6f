#pragma once
// ApiKey: a secret that an application or an operator's program holds. Only a hash of it is kept. The secret is 256
// random bits, so a plain SHA-256 is enough: there is nothing to guess by dictionary.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "domain/access/principal.h"

namespace billhook::access {

struct ApiKey {
    std::string id;           // "key_…"; public, shown in lists and logs
    std::string secret_hash;  // hex SHA-256 of the whole key text
    std::string name;
    Scopes scopes;
    CustomerId customer;  // where set, the key acts for this customer alone
    Timestamp created_at;
    std::optional<Timestamp> expires_at;
    std::optional<Timestamp> revoked_at;
    std::optional<Timestamp> last_used_at;  // to the minute or so: not every use is written down
    auto operator<=>(ApiKey const&) const = default;

    bool is_valid(Timestamp now) const { return !revoked_at && (!expires_at || now < *expires_at); }
};

/// A key text is "bh_" and 43 characters of base 62; `key_id_of` derives the public id from the text's hash, so that a
/// key is found by one look-up and its id tells nothing.
std::string secret_hash_of(std::string_view key_text);  // in hex
Sha256 secret_digest_of(std::string_view key_text);
/// nullopt where `secret_hash` is none.
std::optional<Sha256> to_digest(std::string_view secret_hash);
std::string key_id_of(std::string_view secret_hash);

/// "customer_read,customer_write" and back; "application" and "operator" name the usual sets.
Result<Scopes> parse_scopes(std::string_view text);
std::string to_text(Scopes scopes);
/// Those that are held, in the order of the enum.
std::vector<Scope> to_list(Scopes scopes);
Scopes application_scopes();
Scopes operator_scopes();

}  // namespace billhook::access
