#include "domain/subscription/outcome.h"

#include "domain/subscription/request.h"

namespace billhook::subscription {

namespace {

using Outcome = std::optional<IntentOutcome>;

Outcome confirmed() {
    return IntentOutcome{IntentStatus::confirmed, ""};
}

Outcome when(bool is_so) {
    return is_so ? confirmed() : std::nullopt;
}

bool is_at(Subscription const& record, Target const& target) {
    return record.plan == target.plan && record.interval == target.interval && plan_quantity(record) == target.quantity;
}

Outcome of_birth(Intent const& pending, Subscription const& record) {
    if (record.id != pending.subscription || record.status == Status::incomplete) return std::nullopt;
    if (record.status == Status::incomplete_expired)
        return IntentOutcome{IntentStatus::refused, "first_payment_failed"};
    return confirmed();
}

Outcome of_change(Intent const& pending, Subscription const& record) {
    if (is_at(record, target_of(pending)) && !record.pending_update_expires_at) return confirmed();
    // Before our call nothing is pending at Stripe either; only one that was held and is gone has been refused.
    bool was_held = pending.parameters.contains("awaiting_payment");
    if (!was_held || record.pending_update_expires_at) return std::nullopt;
    return outcome_of_unpaid(pending);
}

bool is_leaving(Subscription const& record) {
    return record.cancel_at_period_end || record.cancel_at;
}

Outcome of_cancel(Intent const& pending, Subscription const& record) {
    // An earlier subscription of the line has ended too.
    if (record.id != pending.subscription) return std::nullopt;
    // The refund is a step of its own after the end; the intent waits for it.
    if (string_or(pending.parameters, "refund", "none") != "none" && !pending.parameters.contains("refunded"))
        return std::nullopt;
    bool is_now = string_or(pending.parameters, "at") == to_string(CancelAt::now);
    return when(has_ended(record.status) || (!is_now && ends_with_period(record)));
}

}  // namespace

IntentOutcome outcome_of_unpaid(Intent const& pending) {
    if (pending.parameters.contains("withdrawn")) return {IntentStatus::superseded, "withdrawn"};
    return {IntentStatus::refused, "payment_not_made"};
}

std::optional<IntentOutcome> outcome_of(Intent const& pending, Subscription const& record) {
    switch (pending.kind) {
        case IntentKind::purchase:
        case IntentKind::start_trial:
            return of_birth(pending, record);
        case IntentKind::cancel:
            return of_cancel(pending, record);
        default:
            break;
    }
    if (record.id != pending.subscription) return std::nullopt;
    if (has_ended(record.status)) return IntentOutcome{IntentStatus::superseded, "subscription_ended"};
    switch (pending.kind) {
        case IntentKind::upgrade:
        case IntentKind::change_interval:
        case IntentKind::change_quantity:
            return of_change(pending, record);
        case IntentKind::cancel_schedule:
            return when(record.stripe_schedule_id.empty());
        case IntentKind::resume:
            return when(!is_leaving(record) && record.status != Status::paused);
        // Confirmed with the row that it makes, once Stripe's schedule bears both phases.
        case IntentKind::schedule_change:
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

std::optional<ScheduledChangeStatus> outcome_of(ScheduledChange const& scheduled, Subscription const& record) {
    if (has_ended(record.status)) return ScheduledChangeStatus::superseded;
    // Where the plan is another one it alone tells; where it stays, all of it must have come.
    bool const is_of_plan = scheduled.from_plan != scheduled.to_plan;
    Target const held{record.plan, record.interval, is_of_plan ? scheduled.to_quantity : plan_quantity(record)};
    if (brings(scheduled, held)) return ScheduledChangeStatus::done;
    if (record.stripe_schedule_id.empty()) return ScheduledChangeStatus::canceled;
    if (record.stripe_schedule_id != scheduled.stripe_schedule_id) return ScheduledChangeStatus::superseded;
    return std::nullopt;
}

}  // namespace billhook::subscription
