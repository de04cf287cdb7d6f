#include "flow/projector/settle.h"

#include "domain/subscription/outcome.h"
#include "domain/subscription/request.h"
#include "flow/projector/translate.h"
#include "store/checkout_session_store.h"
#include "store/intent_store.h"
#include "store/scheduled_change_store.h"

namespace billhook::flow {

using subscription::Intent;
using subscription::IntentKind;
using subscription::IntentStatus;
using subscription::ScheduledChange;
using subscription::ScheduledChangeStatus;
using subscription::Subscription;

namespace {

std::optional<ScheduledChange> change_in_stripe(ProjectorContext const& context, SubscriptionLook const& look,
                                                Subscription const& record) {
    if (!look.schedule || subscription::has_ended(record.status)) return std::nullopt;
    auto catalog = context.catalog();
    auto planned = find_planned_change(*catalog, *context.prices(), *look.schedule, record.line);
    if (!planned) return std::nullopt;
    subscription::Target const held{record.plan, record.interval, subscription::plan_quantity(record)};
    if (held == subscription::Target{planned->plan->code, planned->interval, planned->quantity}) return std::nullopt;
    ScheduledChange change;
    change.customer = record.customer;
    change.subscription = record.id;
    change.line = record.line;
    change.from_plan = record.plan;
    change.to_plan = planned->plan->code;
    change.to_interval = planned->interval;
    change.to_quantity = planned->quantity;
    change.effective_at = planned->effective_at;
    change.stripe_schedule_id = look.schedule->id;
    return change;
}

/// What a wish has scheduled and no look has told of before its time came: the process died in between, say. It was
/// due, and the record bears it.
std::optional<ScheduledChange> change_that_came_unseen(ProjectorContext const& context, Intent const& wish,
                                                       Subscription const& record) {
    if (wish.kind != IntentKind::schedule_change || wish.subscription != record.id) return std::nullopt;
    auto const due = find_int(wish.parameters, "effective_at");
    if (!due || record.current_period.start < Timestamp::from_seconds(*due)) return std::nullopt;
    auto const target = subscription::target_of(wish);
    subscription::Target const held{record.plan, record.interval, subscription::plan_quantity(record)};
    if (held != target) return std::nullopt;
    auto const prices = context.prices();
    auto const* from = prices->find(string_or(wish.parameters, "old_price"));
    ScheduledChange change;
    change.customer = record.customer;
    change.subscription = record.id;
    change.line = record.line;
    change.from_plan = from ? from->plan : record.plan;
    change.to_plan = target.plan;
    change.to_interval = target.interval;
    change.to_quantity = target.quantity;
    change.effective_at = Timestamp::from_seconds(*due);
    change.stripe_schedule_id = record.stripe_schedule_id;
    return change;
}

Status close(store::Writer& writer, ScheduledChange& change, ScheduledChangeStatus status, Timestamp now) {
    change.status = status;
    change.ended_at = now;
    return store::update_scheduled_change(writer, change);
}

}  // namespace

Result<SettledChange> settle_scheduled_change(store::Writer& writer, ProjectorContext const& context,
                                              SubscriptionLook const& look, Subscription const& record, Timestamp now) {
    auto known = TRY(store::find_scheduled_change(writer, record.customer, record.id));
    auto in_stripe = change_in_stripe(context, look, record);
    SettledChange settled;
    if (known) {
        auto outcome = subscription::outcome_of(*known, record);
        // The schedule is still there but brings nothing any more: somebody emptied it at Stripe.
        if (!outcome && look.schedule && !in_stripe) outcome = ScheduledChangeStatus::canceled;
        if (outcome) {
            TRY_VOID(close(writer, *known, *outcome, now));
            if (*outcome == ScheduledChangeStatus::done) settled.done = known;
            known.reset();
        }
    }
    if (!known && in_stripe) {
        in_stripe->id = ScheduledChangeId("chg_" + context.random.alphanumeric(24));
        in_stripe->created_at = now;
        TRY_VOID(store::insert_scheduled_change(writer, *in_stripe));
        known = in_stripe;
    } else if (known && in_stripe) {
        known->to_plan = in_stripe->to_plan;
        known->to_interval = in_stripe->to_interval;
        known->to_quantity = in_stripe->to_quantity;
        known->effective_at = in_stripe->effective_at;
        TRY_VOID(store::update_scheduled_change(writer, *known));
    }
    settled.scheduled = known;
    if (known || settled.done) return settled;
    auto const wish = TRY(store::find_pending_intent(writer, record.customer, record.line));
    if (auto come = wish ? change_that_came_unseen(context, *wish, record) : std::nullopt) {
        come->id = ScheduledChangeId("chg_" + context.random.alphanumeric(24));
        come->created_at = now;
        come->status = ScheduledChangeStatus::done;
        come->ended_at = now;
        TRY_VOID(store::insert_scheduled_change(writer, *come));
        settled.done = come;
    }
    return settled;
}

Status end_intent(store::Writer& writer, Intent intent, IntentStatus status, std::string reason, Timestamp now) {
    if (intent.status != IntentStatus::pending) return {};
    intent.status = status;
    intent.reason = std::move(reason);
    intent.ended_at = now;
    return store::update_intent(writer, intent);
}

namespace {

/// Stripe voids the invoice of a resumption that nobody paid within 23 hours, and leaves the subscription paused.
bool has_resumption_failed(Intent const& pending, SubscriptionLook const& look, Subscription const& record) {
    auto const& invoice = look.subscription.latest_invoice;
    return pending.kind == IntentKind::resume && pending.subscription == record.id &&
           record.status == subscription::Status::paused && invoice && invoice->status == "void" &&
           string_or(pending.parameters, "awaiting_payment") == invoice->id;
}

std::optional<subscription::IntentOutcome> outcome_for(Intent const& pending, SubscriptionLook const& look,
                                                       Subscription const& record, SettledChange const& settled) {
    auto const& change = settled.scheduled ? settled.scheduled : settled.done;
    if (pending.kind == IntentKind::schedule_change && change && change->subscription == pending.subscription &&
        brings(*change, subscription::target_of(pending)))
        return subscription::IntentOutcome{IntentStatus::confirmed, ""};
    if (has_resumption_failed(pending, look, record)) return subscription::outcome_of_unpaid(pending);
    return subscription::outcome_of(pending, record);
}

/// Stripe holds a change until its invoice is paid, and keeps what is resumed paused.
bool waits_for_payment(Intent const& pending, SubscriptionLook const& look, Subscription const& record) {
    if (pending.subscription != record.id) return false;
    if (subscription::changes_plan_now(pending.kind)) return record.pending_update_expires_at.has_value();
    auto const& invoice = look.subscription.latest_invoice;
    return pending.kind == IntentKind::resume && record.status == subscription::Status::paused && invoice &&
           invoice->status == "open";
}

/// The invoice's page is where the payer finishes it.
bool note_awaited_payment(Intent& pending, SubscriptionLook const& look, Subscription const& record) {
    if (!waits_for_payment(pending, look, record)) return false;
    auto const before = pending.parameters;
    pending.parameters["awaiting_payment"] = record.latest_invoice_id;
    if (auto const& invoice = look.subscription.latest_invoice) {
        pending.parameters["action_url"] = invoice->hosted_invoice_url;
        // Only a look that read the payment as well can tell that the payer must authenticate.
        if (invoice->needs_action()) pending.parameters["needs_action"] = true;
    }
    return pending.parameters != before;
}

}  // namespace

Status close_payment_page(store::Writer& writer, Intent const& intent) {
    if (intent.kind != IntentKind::purchase) return {};
    auto row = TRY(store::find_open_checkout_session(writer, intent.customer, intent.line));
    if (!row || row->intent != intent.id) return {};
    row->status = store::CheckoutSessionStatus::complete;
    return store::save_checkout_session(writer, *row);
}

Result<std::optional<Intent>> settle_intent(store::Writer& writer, SubscriptionLook const& look,
                                            Subscription const& record, SettledChange const& settled, Timestamp now) {
    auto pending = TRY(store::find_pending_intent(writer, record.customer, record.line));
    if (!pending) return std::nullopt;
    if (auto outcome = outcome_for(*pending, look, record, settled)) {
        TRY_VOID(end_intent(writer, *pending, outcome->status, outcome->reason, now));
        TRY_VOID(close_payment_page(writer, *pending));
        if (outcome->status == IntentStatus::confirmed) return pending;
    } else if (note_awaited_payment(*pending, look, record)) {
        TRY_VOID(store::update_intent(writer, *pending));
    }
    return std::nullopt;
}

}  // namespace billhook::flow
