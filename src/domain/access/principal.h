#pragma once
// Principal: who is asking, after the credential was verified. The customer comes from here, never from a body.

#include <cstdint>
#include <initializer_list>
#include <optional>
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

/// A set of scopes as bits: every request copies one.
class Scopes {
  public:
    constexpr Scopes() = default;
    constexpr Scopes(std::initializer_list<Scope> scopes) {
        for (Scope const scope : scopes) insert(scope);
    }
    constexpr void insert(Scope scope) { bits_ |= bit(scope); }
    constexpr void insert(Scopes others) { bits_ |= others.bits_; }
    constexpr bool contains(Scope scope) const { return (bits_ & bit(scope)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    auto operator<=>(Scopes const&) const = default;

  private:
    static constexpr std::uint32_t bit(Scope scope) { return std::uint32_t{1} << static_cast<unsigned>(scope); }
    std::uint32_t bits_ = 0;
};

struct Principal {
    Caller caller = Caller::anonymous;
    CustomerId customer;                  // set for a customer, and for an application acting for one
    MemberRole role = MemberRole::owner;  // of the member behind a token
    std::string subject;                  // key id, token subject or operator id: for cause and audit
    Scopes scopes;                        // of the key; a customer's token has both customer scopes and check

    bool may(Scope scope) const { return scopes.contains(scope); }
    /// The subject with its kind, as "key:key_1": issuers choose subjects as they like, a key's id among them.
    std::string name() const;
};

}  // namespace billhook::access
