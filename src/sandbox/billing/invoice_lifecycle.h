#pragma once
// An invoice's life after the draft: finalized, paid or not, retried, closed. The subscription behind it hears of each
// step through subscription_status.h.

#include <string>
#include <string_view>

#include "sandbox/core/call.h"
#include "sandbox/payment/payment.h"

namespace billhook::sandbox {

/// Gives a draft its number and settles it against the customer balance. What owes nothing is paid at once.
void finalize_invoice(Call& call, std::string const& invoice);

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
void void_invoice(Call& call, std::string const& invoice);
void mark_uncollectible(Call& call, std::string const& invoice, std::string_view reason);
/// Ends automatic collection of a subscription's drafts and open invoices.
void stop_collection(Call& call, std::string const& subscription);

/// Finalizes a draft when its hour is over.
void schedule_finalization(Call& call, std::string const& invoice);
/// Whether any draft waits for its endpoints.
bool has_waiting_drafts(World& world);
/// Every endpoint has acknowledged the draft's invoice.created: its hour begins.
void invoice_was_announced(Call& call, std::string const& invoice);
/// The method that would be charged; empty where there is none.
std::string payment_method_of(Call& call, JsonObject const& invoice);
/// The same for a subscription: its own, the one set up for it, or the customer's.
std::string subscription_payment_method(Call& call, JsonObject const& subscription);
/// The payment intent by which an invoice is to be paid; empty where it has none.
std::string payment_intent_of(Call& call, std::string_view invoice);

/// What is due on invoices: finalization, retries, due dates; and intents that settle later.
void add_invoice_lifecycle(World& world);

}  // namespace billhook::sandbox
