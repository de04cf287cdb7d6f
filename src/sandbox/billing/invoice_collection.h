#pragma once
// Collecting what an open invoice owes: attempts, retries, and what came of them. Drafting and finalizing it is not
// here.

#include <string>
#include <string_view>

#include "sandbox/core/call.h"
#include "sandbox/payment/payment.h"

namespace billhook::sandbox {

enum class AttemptKind {
    first_invoice,  // of a new subscription: a failure leaves it incomplete and is not retried
    on_schedule,    // after finalization, and every retry
    unretried,      // of a pending update or a resumption: given up when that expires
    manual,         // asked for by the merchant or the payer
};

struct PaymentAttempt {
    AttemptKind kind = AttemptKind::on_schedule;
    Presence presence = Presence::off_session;
    std::string payment_method = {};  // empty: the invoice's, the subscription's, or the customer's
};

/// Charges an open invoice and writes down what came of it.
PaymentOutcome attempt_payment(Call& call, std::string const& invoice, PaymentAttempt const& attempt);
/// What came of a payment that was confirmed elsewhere.
void settle_attempt(Call& call, std::string const& invoice, PaymentOutcome const& outcome, AttemptKind kind);

void mark_paid_out_of_band(Call& call, std::string const& invoice);
/// What was attached to it has paid the whole.
void mark_paid_by_attached(Call& call, std::string const& invoice);
/// The payment intent by which a finalized invoice is to be paid, and its record beside the invoice.
void create_invoice_payment(Call& call, std::string const& invoice);
/// Calls that payment off while it is open.
void cancel_invoice_payment(Call& call, std::string_view invoice);
/// Writes down that nothing is owed any more.
void set_paid(Call& call, JsonObject& invoice);
void announce_paid(Call& call, std::string const& invoice);

/// The method that would be charged; empty where there is none.
std::string payment_method_of(Call& call, JsonObject const& invoice);
/// The same for a subscription: its own, the one set up for it, or the customer's.
std::string subscription_payment_method(Call& call, JsonObject const& subscription);
/// The payment intent by which an invoice is to be paid; empty where it has none.
std::string payment_intent_of(Call& call, std::string_view invoice);

/// Retries that fall due, and intents that settle later.
void add_invoice_collection(World& world);

}  // namespace billhook::sandbox
