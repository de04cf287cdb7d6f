#include "sandbox/billing/subscription_update.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/resumption.h"
#include "sandbox/billing/subscription_invoice.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/billing/trial_end.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

std::string status_of_invoice(Call& call, std::string const& invoice) {
    return text_at(*call.find("invoice", invoice), "status");
}

/// Billed and paid first; the subscription changes only once that has worked.
Answer<void> carry_out_when_paid(Call& call, PlannedUpdate& update, Presence presence) {
    auto const& id = update.subscription;
    auto const before = call.view(object_type::subscription, id);
    auto const invoice = bill_update(call, update, "subscription_update", false);
    call.edit(object_type::subscription, id)["sandbox_pending_invoice"] = invoice;
    call.edit("invoice", invoice)["sandbox_is_of_pending_update"] = true;
    finalize_invoice(call, invoice);
    if (status_of_invoice(call, invoice) == "open")
        attempt_payment(call, invoice, {.kind = AttemptKind::unretried, .presence = presence});
    if (status_of_invoice(call, invoice) == "paid") {
        call.edit(object_type::subscription, id).erase("sandbox_pending_invoice");
        commit_update(call, update);
        use_up_once(call, id, invoice);
    } else {
        keep_pending_update(call, update, invoice);
    }
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    follow_up(call, id);
    return {};
}

bool can_collect(Call& call, std::string const& id) {
    auto const& subscription = *call.find(object_type::subscription, id);
    auto const status = text_at(subscription, "status");
    return status != "unpaid" && status != "paused" && text_at(subscription, "pause_collection.behavior").empty();
}

/// At once where the trial ends within three days; but only once for each end.
bool wants_trial_notice(Call& call, JsonObject const& subscription) {
    auto const end = int_at(subscription, "trial_end");
    return end - call.now() < 3 * seconds_per_day && time_at(subscription, "sandbox_trial_notice_for") != end;
}

/// A trial that is ended now, with nothing to charge, and whose settings want no bill then: no period begins.
void end_unpaid_trial(Call& call, PlannedUpdate& update, JsonObject const& before) {
    for (auto& item : update.items) {
        auto const* stored = call.find("subscription_item", item.id);
        item.period = {stored ? int_at(*stored, "current_period_start", call.now()) : call.now(), call.now()};
    }
    commit_update(call, update);
    call.emit_change("customer.subscription.updated", object_type::subscription, update.subscription, before);
    stop_at_trial_end(call, update.subscription);
    follow_up(call, update.subscription);
}

}  // namespace

PaymentTerms read_payment_terms(JsonObject const& params) {
    PaymentTerms terms;
    auto const behavior = text_at(params, "payment_behavior");
    if (behavior == "default_incomplete") terms.behavior = PaymentBehavior::default_incomplete;
    if (behavior == "error_if_incomplete") terms.behavior = PaymentBehavior::error_if_incomplete;
    if (behavior == "pending_if_incomplete") terms.behavior = PaymentBehavior::pending_if_incomplete;
    if (bool_at(params, "off_session")) terms.presence = Presence::off_session;
    return terms;
}

ApiError no_payment_method() {
    return bad_request(
        "This customer has no attached payment source or default payment method. Please consider adding a default "
        "payment method. For more information, visit "
        "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
        "", "resource_missing");
}

ApiError refusal_of(PaymentOutcome const& outcome) {
    if (outcome.kind == PaymentOutcome::Kind::no_payment_method) return no_payment_method();
    auto error = outcome.error;
    if (outcome.kind == PaymentOutcome::Kind::requires_action && outcome.charge.empty()) {
        error.code = "subscription_payment_intent_requires_action";
        error.message =
            "Payment for this subscription requires additional user action before it can be completed "
            "successfully.";
    }
    return error;
}

Answer<void> collect_update(Call& call, std::string const& id, std::string const& invoice,
                            PaymentTerms const& payment) {
    if (!can_collect(call, id)) {
        auto const pause = text_at(*call.find(object_type::subscription, id), "pause_collection.behavior");
        if (pause == "void" || pause == "mark_uncollectible")
            schedule_finalization(call, invoice);
        else
            call.edit("invoice", invoice)["auto_advance"] = false;
        return {};
    }
    if (text_at(*call.find(object_type::subscription, id), "collection_method") == "send_invoice") {
        schedule_finalization(call, invoice);
        return {};
    }
    finalize_invoice(call, invoice);
    if (status_of_invoice(call, invoice) != "open") return {};
    if (payment.behavior == PaymentBehavior::default_incomplete) {
        invoice_payment_failed(call, invoice);  // it waits for a payment that nobody has attempted
        return {};
    }
    auto const outcome =
        attempt_payment(call, invoice, {.kind = AttemptKind::on_schedule, .presence = payment.presence});
    bool const must_succeed = payment.behavior == PaymentBehavior::error_if_incomplete;
    if (must_succeed && outcome.kind != PaymentOutcome::Kind::succeeded) return refuse(refusal_of(outcome));
    return {};
}

Answer<void> carry_out(Call& call, std::string const& id, SubscriptionChange const& change, PaymentTerms const& payment,
                       JsonObject const& metadata) {
    auto const before = call.view(object_type::subscription, id);
    drop_pending_update(call, id);
    drop_resumption(call, id);
    auto update = TRY(plan_update(call, id, change));
    update.metadata = metadata;
    if (update.ends_trial && stops_at_trial_end(call, *call.find(object_type::subscription, id))) {
        end_unpaid_trial(call, update, before);
        return {};
    }
    bool const waits_for_payment = payment.behavior == PaymentBehavior::pending_if_incomplete;
    if (waits_for_payment && update.plan.invoices_now && can_collect(call, id))
        return carry_out_when_paid(call, update, payment.presence);
    if (update.discounts) call.edit(object_type::subscription, id)["discounts"] = *update.discounts;
    update.discounts.reset();
    auto const invoice = bill_update(call, update, "subscription_update", true);
    commit_update(call, update);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    bool const sets_trial_end = update.ends_trial || change.trial_end;
    if (sets_trial_end && wants_trial_notice(call, *call.find(object_type::subscription, id)))
        announce_trial_end(call, id);
    if (!invoice.empty()) TRY_VOID(collect_update(call, id, invoice, payment));
    follow_up(call, id);
    return {};
}

}  // namespace billhook::sandbox
