#pragma once
// Customers enter by the application's own id; Stripe learns of one when money is first spoken of.

#include <optional>
#include <string>

#include "flow/command/context.h"
#include "flow/command/idempotent_write.h"

namespace billhook::flow {

/// What is absent stays as it is.
struct CustomerWish {
    CustomerId customer;
    std::optional<std::string> name;
    std::optional<std::string> email;
    std::optional<std::string> currency;  // lower case
};

/// Creates or updates the row, and Stripe's customer where there is one already. Errors: conflict "currency_fixed"
/// where another currency has been fixed by a purchase. The answer is kept with the row.
Result<customer::Customer> put_customer(CommandContext const& context, CustomerWish const& wish,
                                        AnswerKeeper<customer::Customer> const& answers = {});

/// Stripe's customer of ours; made on first need, exactly once under any concurrency: one that bears our id in its
/// metadata is found, and a new one is made under an idempotency key derived from our id.
/// Errors: not_found "unknown_customer".
Result<customer::Customer> ensure_stripe_customer(CommandContext const& context, CustomerId const& customer);

/// Tells Stripe the customer's present name and e-mail address. Nothing happens where Stripe does not know the
/// customer.
Status update_stripe_customer(CommandContext const& context, CustomerId const& customer);

/// The reconciling read, which makes good what lost events would have brought: reads from Stripe anew the customer, all
/// subscriptions and invoices, and what every pending intent waits for: an open payment page, an awaited payment.
/// Nothing happens to a customer whom Stripe does not know.
Status refresh_customer(CommandContext const& context, CustomerId const& customer);

}  // namespace billhook::flow
