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
/// customer; where it knows it no more, that is written down.
Status update_stripe_customer(CommandContext const& context, CustomerId const& customer);

/// The reconciling read, which makes good what lost events would have brought: reads from Stripe anew the customer, all
/// subscriptions and invoices, and what every pending intent waits for: an open payment page, an awaited payment.
/// Nothing happens to a customer who has none at Stripe; one whom Stripe knows no more counts as deleted there.
Status refresh_customer(CommandContext const& context, CustomerId const& customer);

/// Whether a call failed because Stripe has no such customer.
bool is_stripe_customer_gone(Error const& error);

/// Calls Stripe for its customer of ours. Ours may name one that is gone there, deleted or of another account or mode,
/// without any news of it: then that is found out, and the call is made once more for the one that takes its place.
template <class Call>
auto call_for_stripe_customer(CommandContext const& context, CustomerId const& id, Call const& call)
    -> decltype(call(customer::Customer{})) {
    auto answer = call(TRY(ensure_stripe_customer(context, id)));
    if (answer || !is_stripe_customer_gone(answer.error())) return answer;
    TRY_VOID(refresh_customer(context, id));
    return call(TRY(ensure_stripe_customer(context, id)));
}

}  // namespace billhook::flow
