#include "sandbox/billing/invoice_collection.h"

#include <algorithm>
#include <array>

#include "sandbox/billing/attached_payment.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/period.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {
namespace {

// After these a retry cannot help until the payer gives another card (Stripe, "Automate payment retries").
constexpr std::array<std::string_view, 9> hard_declines = {"incorrect_number",
                                                           "lost_card",
                                                           "pickup_card",
                                                           "stolen_card",
                                                           "revocation_of_authorization",
                                                           "revocation_of_all_authorizations",
                                                           "authentication_required",
                                                           "highest_risk_level",
                                                           "transaction_not_allowed"};

std::string default_payment(Call& call, std::string_view invoice) {
    for (auto const& [sequence, payment] : call.store().where(object_type::invoice_payment, "invoice", invoice))
        if (bool_at(payment->object, "is_default")) return payment->id;
    return {};
}

void mark_paid(Call& call, std::string const& id, AttemptKind kind) {
    auto const before = call.view(object_type::invoice, id);
    auto& invoice = call.edit(object_type::invoice, id);
    if (kind != AttemptKind::manual || int_at(invoice, "attempt_count") == 0)
        invoice["attempt_count"] = int_at(invoice, "attempt_count") + 1;
    set_paid(call, invoice);
    auto const payment = default_payment(call, id);
    auto& paid = call.edit(object_type::invoice_payment, payment);
    paid["status"] = "paid";
    paid["amount_paid"] = paid.at("amount_requested");
    paid["status_transitions"].as_object()["paid_at"] = call.now();
    call.unschedule("invoice.retry", id);
    call.emit_change("invoice.updated", object_type::invoice, id, before);
    announce_paid(call, id);
    call.emit_now("invoice_payment.paid", object_type::invoice_payment, payment);
    invoice_was_paid(call, id);
}

/// Paid, but not by its own payment intent; so much of it not through Stripe.
void pay_otherwise(Call& call, std::string const& id, std::int64_t off_stripe) {
    cancel_invoice_payment(call, id);
    auto const before = call.view(object_type::invoice, id);
    auto& invoice = call.edit(object_type::invoice, id);
    set_paid(call, invoice);
    if (off_stripe > 0) invoice["amount_paid_off_stripe"] = off_stripe;
    call.unschedule("invoice.retry", id);
    call.emit_change("invoice.updated", object_type::invoice, id, before);
    announce_paid(call, id);
    invoice_was_paid(call, id);
}

bool is_hard_decline(PaymentOutcome const& outcome) {
    auto const decline = text_at(outcome.error.extra, "decline_code");
    auto const& reason = decline.empty() ? outcome.error.code : decline;
    return std::ranges::find(hard_declines, reason) != hard_declines.end();
}

/// The time of the next automatic attempt after so many; nothing when the schedule is used up.
std::optional<Seconds> next_attempt(Call& call, std::int64_t attempts_made) {
    auto const& days = call.world().settings.retry_days;
    if (attempts_made > std::ssize(days)) return std::nullopt;
    return call.now() + days[static_cast<std::size_t>(attempts_made - 1)] * seconds_per_day;
}

/// Counts the attempt and plans the next. Whether retries go on.
bool count_scheduled_attempt(Call& call, std::string const& id) {
    auto& invoice = call.edit(object_type::invoice, id);
    auto const attempts = int_at(invoice, "attempt_count") + 1;
    invoice["attempt_count"] = attempts;
    auto const next = bool_at(invoice, "auto_advance") ? next_attempt(call, attempts) : std::nullopt;
    invoice["next_payment_attempt"] = or_null(next);
    if (next) call.schedule("invoice.retry", id, *next);
    return next.has_value();
}

void note_failure(Call& call, std::string const& id, PaymentOutcome const& outcome, AttemptKind kind) {
    auto const before = call.view(object_type::invoice, id);
    bool goes_on = true;
    auto& invoice = call.edit(object_type::invoice, id);
    invoice["attempted"] = true;
    invoice["sandbox_failed_method"] = text_at(outcome.error.extra, "payment_method.id");
    invoice["sandbox_is_hard_decline"] = is_hard_decline(outcome);
    if (kind == AttemptKind::on_schedule) {
        goes_on = count_scheduled_attempt(call, id);
    } else if (kind == AttemptKind::manual && int_at(invoice, "attempt_count") == 0 &&
               text_at(invoice, "billing_reason") != "subscription_create") {
        invoice["attempt_count"] = 1;
    }
    bool const wants_action = outcome.kind == PaymentOutcome::Kind::requires_action;
    bool const was_asked_on_session = wants_action && outcome.charge.empty();
    if (wants_action) call.emit_now("invoice.payment_action_required", object_type::invoice, id);
    if (!was_asked_on_session) call.emit_now("invoice.payment_failed", object_type::invoice, id);
    call.emit_change("invoice.updated", object_type::invoice, id, before);
    invoice_payment_failed(call, id);
    if (!goes_on) invoice_retries_exhausted(call, id);
}

Answer<void> retry(Call& call, std::string const& id) {
    auto const* invoice = call.find(object_type::invoice, id);
    if (!invoice || text_at(*invoice, "status") != "open" || !bool_at(*invoice, "auto_advance")) return {};
    auto const method = payment_method_of(call, *invoice);
    // Only what has failed before is known to be of no help: a first attempt is made, and fails, whatever there is.
    bool const is_first = !bool_at(*invoice, "attempted");
    bool const is_refused_again =
        bool_at(*invoice, "sandbox_is_hard_decline") && text_at(*invoice, "sandbox_failed_method") == method;
    if (is_first || !(method.empty() || is_refused_again)) {
        attempt_payment(call, id, {.kind = AttemptKind::on_schedule});
        return {};
    }
    auto const before = call.view(object_type::invoice, id);
    bool const goes_on = count_scheduled_attempt(call, id);
    call.emit_change("invoice.updated", object_type::invoice, id, before);
    if (!goes_on) invoice_retries_exhausted(call, id);
    return {};
}

}  // namespace

std::string payment_method_of(Call& call, JsonObject const& invoice) {
    if (auto own = text_at(invoice, "default_payment_method"); !own.empty() && !is_spent(call, own)) return own;
    if (auto const* subscription = call.find("subscription", subscription_of(invoice)))
        return subscription_payment_method(call, *subscription);
    return default_payment_method(call, "", text_at(invoice, "customer"));
}

std::string subscription_payment_method(Call& call, JsonObject const& subscription) {
    auto own = text_at(subscription, "default_payment_method");
    if (own.empty()) {
        auto const* setup = call.find("setup_intent", text_at(subscription, "pending_setup_intent"));
        if (setup && text_at(*setup, "status") == "succeeded") own = text_at(*setup, "payment_method");
    }
    if (own.empty() || is_spent(call, own)) own = text_at(subscription, "default_source");
    return default_payment_method(call, own, text_at(subscription, "customer"));
}

std::string payment_intent_of(Call& call, std::string_view invoice) {
    auto const payment = default_payment(call, invoice);
    return payment.empty() ? payment
                           : text_at(*call.find(object_type::invoice_payment, payment), "payment.payment_intent");
}

void create_invoice_payment(Call& call, std::string const& id) {
    auto const& invoice = *call.find(object_type::invoice, id);
    auto const amount = int_at(invoice, "amount_remaining");
    auto const intent = create_payment_intent(
        call, {.amount = amount,
               .currency = text_at(invoice, "currency"),
               .customer = text_at(invoice, "customer"),
               .description = subscription_of(invoice).empty() ? "Payment for Invoice" : "Subscription update",
               .is_for_future_usage = text_at(invoice, "billing_reason") == "subscription_create"});
    call.create(object_type::invoice_payment, {{"id", call.new_id("inpay_")},
                                               {"amount_requested", amount},
                                               {"created", call.now()},
                                               {"currency", invoice.at("currency")},
                                               {"invoice", id},
                                               {"is_default", true},
                                               {"payment", {{"type", "payment_intent"}, {"payment_intent", intent}}},
                                               {"status", "open"},
                                               {"status_transitions", JsonObject{}}});
}

void cancel_invoice_payment(Call& call, std::string_view invoice) {
    auto const payment = default_payment(call, invoice);
    if (payment.empty()) return;
    if (text_at(*call.find(object_type::invoice_payment, payment), "status") != "open") return;
    cancel_payment_intent(call, text_at(*call.find(object_type::invoice_payment, payment), "payment.payment_intent"),
                          "void_invoice");
    auto& closed = call.edit(object_type::invoice_payment, payment);
    closed["status"] = "canceled";
    closed["status_transitions"].as_object()["canceled_at"] = call.now();
}

void set_paid(Call& call, JsonObject& invoice) {
    invoice["status"] = "paid";
    invoice["amount_paid"] = int_at(invoice, "amount_due");
    invoice["amount_remaining"] = 0;
    invoice["attempted"] = true;
    invoice["auto_advance"] = false;
    invoice["next_payment_attempt"] = nullptr;
    invoice["status_transitions"].as_object()["paid_at"] = call.now();
}

void announce_paid(Call& call, std::string const& id) {
    call.emit_now({"invoice.paid", "invoice.payment_succeeded"}, object_type::invoice, id);
}

PaymentOutcome attempt_payment(Call& call, std::string const& id, PaymentAttempt const& attempt) {
    auto const& invoice = *call.find(object_type::invoice, id);
    auto const method = attempt.payment_method.empty() ? payment_method_of(call, invoice) : attempt.payment_method;
    auto const outcome = confirm_payment_intent(call, payment_intent_of(call, id), method, attempt.presence);
    settle_attempt(call, id, outcome, attempt.kind);
    return outcome;
}

void settle_attempt(Call& call, std::string const& id, PaymentOutcome const& outcome, AttemptKind kind) {
    if (outcome.kind == PaymentOutcome::Kind::succeeded)
        mark_paid(call, id, kind);
    else
        note_failure(call, id, outcome, kind);
}

void mark_paid_out_of_band(Call& call, std::string const& id) {
    pay_otherwise(call, id, int_at(*call.find(object_type::invoice, id), "amount_remaining"));
}

void mark_paid_by_attached(Call& call, std::string const& id) {
    pay_otherwise(call, id, 0);
}

void add_invoice_collection(World& world) {
    world.store.add_index(object_type::invoice_payment, "invoice");
    world.store.add_index(object_type::invoice_payment, "payment.payment_intent");
    world.registry.on_due("invoice.retry", retry);
    world.on_intent_settled = [](Call& call, std::string const& intent, PaymentOutcome const& outcome) -> Answer<void> {
        auto const payments = call.store().where(object_type::invoice_payment, "payment.payment_intent", intent);
        if (payments.empty()) return {};
        auto const& payment = payments.front().second->object;
        auto const invoice = text_at(payment, "invoice");
        if (text_at(*call.find(object_type::invoice, invoice), "status") != "open") return {};
        if (bool_at(payment, "is_default"))
            settle_attempt(call, invoice, outcome, AttemptKind::manual);
        else if (outcome.kind == PaymentOutcome::Kind::succeeded)
            credit_attached_payment(call, text_at(payment, "id"));
        return {};
    };
}

}  // namespace billhook::sandbox
