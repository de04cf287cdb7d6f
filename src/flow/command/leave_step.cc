// The steps of leaving and coming back, and of giving money back.

#include <algorithm>

#include "base/crash_point.h"
#include "domain/subscription/request.h"
#include "flow/command/carry_out.h"
#include "flow/command/refund.h"
#include "flow/command/step.h"
#include "flow/projector/settle.h"
#include "gateway/stripe/calls.h"

namespace billhook::flow {

using subscription::Intent;
using subscription::Refund;

namespace {

Status cancel_at_period_end(CommandContext const& context, Intent const& intent, bool is_wanted) {
    Json const parameters(intent.parameters);
    stripe::SubscriptionChange change;
    change.cancel_at_period_end = is_wanted;
    if (is_wanted) change.cancellation_comment = string_or(parameters, "reason");
    // Stripe lets nobody leave at period end whom a schedule leads.
    if (is_wanted && intent.parameters.contains("schedule")) TRY_VOID(release_schedule(context, intent));
    crash_point("cancel_at_period_end.begun");
    LookTime time;
    auto answer = TRY(stripe::ask_anew(key_of(intent, is_wanted ? "cancel" : "resume"), [&](auto const& key) {
        return timed_write(context.projector.clock, time, [&] {
            return stripe::update_subscription(context.projector.stripe, string_or(parameters, "stripe_subscription"),
                                               change, key);
        });
    }));
    crash_point("cancel_at_period_end.updated");
    return project_answer(context, intent, answer, time);
}

Status cancel_now(CommandContext const& context, Intent intent) {
    Json const wished(intent.parameters);
    auto const id = string_or(wished, "stripe_subscription");
    auto const refund = subscription::parse_refund(string_or(wished, "refund")).value_or(Refund::none);
    auto& stripe = context.projector.stripe;
    // What is not used can only be told while the subscription still runs.
    crash_point("cancel_now.begun");
    if (refund == Refund::prorated && !intent.parameters.contains("refund_amount")) {
        auto unused = unused_amount(stripe, id);
        crash_point("cancel_now.unused_amount_read");
        // Another who carries this out may have cancelled meanwhile; the amount was kept before that.
        if (!unused) intent = TRY(reload(context, intent));
        if (!intent.parameters.contains("refund_amount"))
            intent = TRY(remember(context, intent, "refund_amount", TRY(std::move(unused))));
        crash_point("cancel_now.refund_amount_kept");
    }
    LookTime time;
    auto answer = TRY(timed_write(context.projector.clock, time, [&] {
        stripe::CancelWish wish;
        wish.comment = string_or(wished, "reason");
        return stripe::cancel_subscription(stripe, id, wish);
    }));
    crash_point("cancel_now.canceled");
    if (refund != Refund::none && !intent.parameters.contains("refunded")) {
        auto amount = find_int(intent.parameters, "refund_amount");
        auto const refunds = TRY(refund_period(stripe, answer, amount, intent.id.str()));
        crash_point("cancel_now.refunded");
        TRY(remember(context, intent, "refunded", Json(JsonArray(refunds.begin(), refunds.end()))));
        crash_point("cancel_now.refund_kept");
    }
    // News of the end that was projected while the money went back is newer than the answer, and ended no wish.
    return refund == Refund::none ? project_answer(context, intent, answer, time) : project_look(context, intent);
}

}  // namespace

Status cancel(CommandContext const& context, Intent const& intent) {
    bool is_now = string_or(intent.parameters, "at") == to_string(subscription::CancelAt::now);
    return is_now ? cancel_now(context, intent) : cancel_at_period_end(context, intent, true);
}

Status resume(CommandContext const& context, Intent const& intent) {
    Json const parameters(intent.parameters);
    if (!bool_or(parameters, "is_paused")) return cancel_at_period_end(context, intent, false);
    crash_point("resume_paused.begun");
    LookTime time;
    auto answer = TRY(ask_once(context, intent, "resume", [&](auto const& key) {
        return timed_write(context.projector.clock, time, [&] {
            return stripe::resume_subscription(context.projector.stripe, string_or(parameters, "stripe_subscription"),
                                               key);
        });
    }));
    crash_point("resume_paused.resumed");
    return answer ? project_answer(context, intent, *answer, time) : Status{};
}

}  // namespace billhook::flow
