#pragma once
// What a command reaches of the outside: the database and Stripe, as the configuration names them.

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "cli/configuration.h"
#include "gateway/stripe/client.h"
#include "store/store.h"

namespace billhook::cli {

/// The key that the embedded sandbox is spoken to with; it accepts any test key.
inline constexpr std::string_view sandbox_api_key = "sk_test_billhook";

/// Errors: invalid "database_not_migrated" and the store's others.
Result<std::unique_ptr<store::Store>> open_database(Configuration const& configuration);

/// A Stripe client with all that it needs. Speaks to the sandbox beside the server where the configuration has one.
class StripeConnection {
  public:
    /// Errors: invalid "stripe_key_missing".
    static Result<std::unique_ptr<StripeConnection>> open(Configuration const& configuration);
    ~StripeConnection();

    stripe::Client const& client() const;

  private:
    StripeConnection();
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Where Stripe sends webhooks to: under public_url, else under the address that the server listens on.
std::string webhook_url(Configuration const& configuration);

}  // namespace billhook::cli
