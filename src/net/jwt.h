#pragma once
// Signed tokens in compact form (RFC 7515, RFC 7519), verified against a key set. Only the key decides how a token is
// checked; the token's header is a claim about itself and is believed nowhere. It signs nothing.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/timestamp.h"
#include "net/jwks.h"

namespace billhook::net {

struct TokenExpectations {
    std::string issuer;
    /// None: tokens for any audience are taken (some issuers name none). That is for an operator to decide.
    std::optional<std::string> audience;
    Duration leeway = Duration::seconds(30);  // between our clock and the issuer's
};

struct VerifiedToken {
    JsonObject claims;
    Timestamp valid_until;  // expiry and leeway; valid before it
};

/// Errors are `unauthenticated`, with one of the reasons malformed_token, unsupported_algorithm, unknown_key,
/// bad_signature, wrong_issuer, wrong_audience, token_expired, token_not_yet_valid, in this order of checking: of a
/// token whose signature is wrong nothing else is said.
Result<VerifiedToken> verify_token(std::string_view token, JwksKeySet const& keys, Timestamp now,
                                   TokenExpectations const& expected);

/// Which issuer a token says it is of, before anything about it is believed: it tells whom to ask, and who is asked
/// looks again. Nothing where it does not say so, or is no token.
std::optional<std::string> issuer_named_in(std::string_view token);

}  // namespace billhook::net
