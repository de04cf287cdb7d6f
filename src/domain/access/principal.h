#pragma once
// Principal: who is asking, after the credential was verified. The customer comes from here, never from a body.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "domain/customer/customer.h"

namespace billhook::access {

enum class Caller { anonymous, customer, application, operator_ };
enum class MemberRole { owner, admin, member };
/// What a credential may be used for.
enum class Scope { customer_read, customer_write, entitlement_check, usage_write, operator_read, operator_write };

char const* to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view word);

struct Principal {
    Caller caller = Caller::anonymous;
    CustomerId customer;                  // set for a customer, and for an application acting for one
    MemberRole role = MemberRole::owner;  // of the member behind a token
    std::string subject;                  // key id, token subject or operator id: for cause and audit
    std::set<Scope> scopes;               // of the key; a customer's token has both customer scopes and check

    bool may(Scope scope) const { return scopes.contains(scope); }
};

}  // namespace billhook::access
