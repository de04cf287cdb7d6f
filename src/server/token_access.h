#pragma once
// Customers' tokens: which issuer's verifier a token belongs to, and who its claims make the caller.

#include <memory>
#include <string>
#include <vector>

#include "cli/configuration.h"
#include "http/authentication.h"
#include "net/token_verifier.h"

namespace billhook::server {

class TokenAccess : public http::TokenAuthenticator {
  public:
    /// Errors: invalid "jwt_issuers" for a key set that cannot be read.
    static Result<std::unique_ptr<TokenAccess>> create(std::vector<cli::JwtIssuer> const& issuers,
                                                       net::HttpTransport& transport, Clock const& clock);

    std::shared_ptr<access::Principal const> find(std::string_view token, Timestamp now) const override;
    Result<access::Principal> verify(std::string_view token, Timestamp now) const override;

  private:
    struct Issuer {
        std::string name;
        std::unique_ptr<net::TokenVerifier<access::Principal>> verifier;
    };
    std::vector<Issuer> issuers_;  // in their order
};

}  // namespace billhook::server
