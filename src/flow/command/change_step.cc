// The steps of changing what is held: at once, or by a schedule at the end of the period.

#include <algorithm>

#include "base/crash_point.h"
#include "domain/subscription/request.h"
#include "flow/command/step.h"
#include "gateway/stripe/calls.h"

namespace billhook::flow {

using subscription::Intent;

Status update_plan(CommandContext const& context, Intent const& intent) {
    Json const parameters(intent.parameters);
    // With pending_if_incomplete Stripe holds the change until its invoice is paid and the old plan goes on; it then
    // takes nothing but items and prorations in the request.
    stripe::SubscriptionChange change;
    stripe::ItemWish item;
    item.item_id = string_or(parameters, "item");
    item.price_id = string_or(parameters, "price");
    item.quantity = int_or(parameters, "quantity", 1);
    change.items = {item};
    change.proration_behavior = stripe::ProrationBehavior::always_invoice;
    change.payment_behavior = stripe::PaymentBehavior::pending_if_incomplete;
    if (auto date = find_int(parameters, "proration_date")) change.proration_date = Timestamp::from_seconds(*date);
    crash_point("update_plan.begun");
    LookTime time;
    auto answer = TRY(ask_once(context, intent, "update", [&](auto const& key) {
        return timed_write(context.projector.clock, time, [&] {
            return stripe::update_subscription(context.projector.stripe, string_or(parameters, "stripe_subscription"),
                                               change, key);
        });
    }));
    crash_point("update_plan.updated");
    if (!answer) return {};
    // Whether the payer must authenticate stands deeper in the invoice than a subscription's answer reaches.
    if (answer->pending_update)
        answer->latest_invoice = TRY(stripe::retrieve_invoice(context.projector.stripe, answer->latest_invoice_id));
    return project_answer(context, intent, *answer, time);
}

namespace {

/// The schedule that is attached already (by a crash in the middle, or an earlier wish), else a new one.
Result<stripe::SubscriptionSchedule> attach_schedule(CommandContext const& context, Intent const& intent) {
    auto& stripe = context.projector.stripe;
    auto const id = string_or(intent.parameters, "stripe_subscription");
    auto attached = TRY(stripe::retrieve_subscription(stripe, id)).schedule_id;
    crash_point("schedule_plan.subscription_read");
    if (attached.empty()) {
        auto const is_attached = [&]() -> Result<bool> {
            attached = TRY(stripe::retrieve_subscription(stripe, id)).schedule_id;
            return !attached.empty();
        };
        auto made = TRY(stripe::ask_anew(
            key_of(intent, "create_schedule"),
            [&](auto const& key) { return stripe::create_schedule(stripe, id, key); }, is_attached));
        if (made) return std::move(*made);
    }
    return stripe::retrieve_schedule(stripe, attached);
}

/// The running phase up to the end of what is paid, then the same with the plan's price exchanged, for one period.
Result<stripe::ScheduleChange> planned_phases(Intent const& intent, stripe::SubscriptionSchedule const& schedule) {
    Json const parameters(intent.parameters);
    auto const* running = schedule.find_current_phase();
    if (!running)
        return fail(conflict("stripe_refused", "The subscription's schedule at Stripe has no running phase."));
    auto const end = Timestamp::from_seconds(int_or(parameters, "effective_at"));
    auto first = stripe::repeat(*running);
    first.start = running->period.start;
    first.end = end;
    first.duration.reset();
    stripe::PhaseWish second;
    second.content = *running;
    second.content.trial_end.reset();
    auto const old_price = string_or(parameters, "old_price");
    auto item = std::ranges::find(second.content.items, old_price, &stripe::PhaseItem::price_id);
    if (item == second.content.items.end())
        return fail(conflict("stripe_refused", "The subscription's schedule at Stripe does not bear its plan."));
    item->price_id = string_or(parameters, "price", old_price);
    item->lookup_key.clear();
    item->quantity = int_or(parameters, "quantity", 1);
    second.duration = Interval{subscription::target_of(intent).interval, 1};
    stripe::ScheduleChange change;
    change.phases = {std::move(first), std::move(second)};
    change.metadata = metadata_of(intent);
    return change;
}

}  // namespace

namespace {

Status plan_phases(CommandContext const& context, Intent const& intent, stripe::SubscriptionSchedule const& schedule) {
    auto change = TRY(planned_phases(intent, schedule));
    TRY(stripe::ask_anew(key_of(intent, "plan_phases"), [&](auto const& key) {
        return stripe::update_schedule(context.projector.stripe, schedule.id, change, key);
    }));
    return {};
}

/// One that has been released is refused.
Result<stripe::SubscriptionSchedule> ask_for_release(CommandContext const& context, std::string const& schedule,
                                                     stripe::IdempotencyKey const& first) {
    return stripe::ask_anew(
        first, [&](auto const& key) { return stripe::release_schedule(context.projector.stripe, schedule, key); });
}

/// A schedule that was made for phases which Stripe then refuses (the period has just ended, say) would stay attached,
/// bring nothing, and stand in the way of a cancellation.
Status release_unused(CommandContext const& context, Intent const& intent,
                      stripe::SubscriptionSchedule const& schedule) {
    if (schedule.phases.size() != 1 || schedule.end_behavior != "release") return {};
    auto released = ask_for_release(context, schedule.id, key_of(intent, "release_unused"));
    if (!released && released.error().kind == ErrorKind::unavailable) return fail(std::move(released).error());
    return {};
}

}  // namespace

Status schedule_plan(CommandContext const& context, Intent const& intent) {
    auto schedule = TRY(attach_schedule(context, intent));
    crash_point("schedule_plan.schedule_attached");
    if (auto planned = plan_phases(context, intent, schedule); !planned) {
        bool is_refused = planned.error().kind == ErrorKind::invalid || planned.error().kind == ErrorKind::conflict;
        if (is_refused && planned.error().reason != "idempotency_key_in_use")
            TRY_VOID(release_unused(context, intent, schedule));
        return planned;
    }
    crash_point("schedule_plan.phases_updated");
    return project_look(context, intent);
}

Status leave_no_schedule(CommandContext const& context, Intent const& intent) {
    auto& stripe = context.projector.stripe;
    auto const id = string_or(intent.parameters, "stripe_subscription");
    auto const subscription = TRY(stripe::retrieve_subscription(stripe, id));
    if (subscription.schedule_id.empty()) return {};
    return release_unused(context, intent, TRY(stripe::retrieve_schedule(stripe, subscription.schedule_id)));
}

Status release_schedule(CommandContext const& context, Intent const& intent) {
    auto const schedule = string_or(intent.parameters, "schedule");
    crash_point("release_schedule.begun");
    auto released = ask_for_release(context, schedule, key_of(intent, "release"));
    crash_point("release_schedule.released");
    // One that has been released, or whose change has happened meanwhile, cannot be released: the look tells.
    if (!released && released.error().kind != ErrorKind::invalid) return fail(std::move(released).error());
    return {};
}

Status release_plan(CommandContext const& context, Intent const& intent) {
    TRY_VOID(release_schedule(context, intent));
    return project_look(context, intent);
}

}  // namespace billhook::flow
