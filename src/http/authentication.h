#pragma once
// Who is asking. An API key or a customer's token in `Authorization: Bearer …`; an application's key names the customer
// it acts for in `Billhook-Customer`. A customer's token names its customer by the configured claim, and nothing in the
// request can change that.

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "domain/access/principal.h"
#include "http/route.h"
#include "net/http_message.h"

namespace billhook::http {

/// Verifies customers' tokens (JWT) of the configured issuers. Thread-safe.
class TokenAuthenticator {
  public:
    virtual ~TokenAuthenticator() = default;
    /// From memory alone; nothing where the token was not seen before and its signature has to be computed.
    virtual std::shared_ptr<access::Principal const> find(std::string_view token, Timestamp now) const = 0;
    /// unauthenticated with a reason: token_expired, bad_signature, wrong_issuer, wrong_audience …
    virtual Result<access::Principal> verify(std::string_view token, Timestamp now) const = 0;
};

/// Errors: unauthenticated; rate_limited "too_many_key_failures" for an address that has guessed too often.
Result<access::Principal> authenticate(Context const& context, net::HttpRequest const& request, Timestamp now);

/// The same on an event loop: nothing where anything but memory would have to be asked, or where it fails.
std::optional<access::Principal> authenticate_from_memory(Context const& context, net::HttpRequest const& request,
                                                          Timestamp now);

/// A door that needs no credential is asked by an address as often as `anonymous_requests_per_minute` allows; whoever
/// shows a credential that memory knows is not counted. Never blocks. Errors: rate_limited "too_many_requests".
Status limit_anonymous(Context const& context, net::HttpRequest const& request, Timestamp now);

/// A credential does not travel in the clear: forbidden "plain_http_refused" for who is neither one of the named
/// proxies nor on this machine, where the server speaks plain HTTP behind them.
Status refuse_plain_http(Context const& context, net::HttpRequest const& request);

/// Is there such a customer? Where the setting allows, a valid token enters its own. Errors: not_found
/// "unknown_customer".
Status admit_customer(Context const& context, access::Principal const& principal);

/// Does the principal reach the route? Errors: unauthenticated, forbidden.
Status authorize(access::Principal const& principal, Access access);

}  // namespace billhook::http
