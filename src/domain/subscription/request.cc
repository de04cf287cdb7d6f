#include "domain/subscription/request.h"

#include <array>
#include <functional>

namespace billhook::subscription {

char const* to_string(CancelAt at) {
    return at == CancelAt::now ? "now" : "period_end";
}

std::optional<CancelAt> parse_cancel_at(std::string_view word) {
    if (word == "now") return CancelAt::now;
    if (word == "period_end") return CancelAt::period_end;
    return std::nullopt;
}

char const* to_string(Refund refund) {
    switch (refund) {
        case Refund::none:
            return "none";
        case Refund::prorated:
            return "prorated";
        case Refund::full:
            return "full";
    }
    return "";
}

std::optional<Refund> parse_refund(std::string_view word) {
    for (auto refund : {Refund::none, Refund::prorated, Refund::full})
        if (word == to_string(refund)) return refund;
    return std::nullopt;
}

bool is_same_wish(Intent const& a, Intent const& b) {
    if (a.kind != b.kind || a.customer != b.customer || a.line != b.line) return false;
    constexpr std::array<char const*, 6> aims{"plan", "interval", "quantity", "currency", "at", "refund"};
    for (auto const* aim : aims) {
        auto const* left = find(a.parameters, aim);
        auto const* right = find(b.parameters, aim);
        if (bool(left) != bool(right) || (left && *left != *right)) return false;
    }
    return true;
}

Target target_of(Intent const& intent) {
    Json const parameters(intent.parameters);
    auto interval = parse_interval_unit(string_or(parameters, "interval", "month"));
    return {string_or(parameters, "plan"), interval ? *interval : IntervalUnit::month,
            int_or(parameters, "quantity", 1)};
}

namespace {

Intent new_intent(Standing const& standing, IntentKind kind, Stamp const& stamp) {
    Intent intent;
    intent.id = stamp.intent;
    intent.customer = standing.customer;
    intent.subscription = standing.held ? standing.held->id : stamp.subscription;
    intent.line = standing.line;
    intent.kind = kind;
    intent.cause = stamp.cause;
    intent.created_at = stamp.now;
    return intent;
}

void aim(Intent& intent, Target const& target, std::string const& currency) {
    intent.parameters["plan"] = target.plan;
    intent.parameters["interval"] = to_string(target.interval);
    intent.parameters["quantity"] = target.quantity;
    intent.parameters["currency"] = currency;
}

Decision undo_first(Standing const& standing, std::vector<Undo> undo) {
    return {Decision::Kind::undo_first, standing.pending.value_or(Intent{}), std::move(undo)};
}

/// Somebody who wants the same is withdrawing the scheduled change at this moment: that is joined, and the request then
/// judged again.
bool is_being_cleared(Standing const& standing, Request request) {
    if (!standing.pending || standing.pending->kind != IntentKind::cancel_schedule) return false;
    auto without = standing;
    without.pending.reset();
    auto const ruling = rule(situations_of(without), request);
    return ruling && ruling->undo == std::vector{Undo::scheduled_change};
}

/// The very wish was granted a moment ago, and nothing else came between.
bool was_just_done(Standing const& standing, Intent const& wish, Timestamp now) {
    auto const& last = standing.last;
    return last && last->status == IntentStatus::confirmed && last->ended_at &&
           now - *last->ended_at < same_click_window && is_same_wish(*last, wish);
}

/// The way every request takes: the same wish under way is joined, else the table decides.
Result<Decision> decide(Standing const& standing, Request request, Intent intent) {
    if (standing.pending && is_same_wish(*standing.pending, intent))
        return Decision{Decision::Kind::join, *standing.pending, {}};
    if (is_being_cleared(standing, request)) return undo_first(standing, {Undo::scheduled_change});
    auto ruling = rule(situations_of(standing), request);
    if (!ruling && was_just_done(standing, intent, intent.created_at)) return Decision{Decision::Kind::already, {}, {}};
    if (!ruling) return fail(std::move(ruling).error());
    switch (ruling->verdict) {
        case Verdict::allow:
            return Decision{Decision::Kind::begin, std::move(intent), {}};
        case Verdict::replace:
            return undo_first(standing, std::move(ruling->undo));
        case Verdict::already:
            break;
    }
    return Decision{Decision::Kind::already, {}, {}};
}

Result<void> check_sold(catalog::Plan const& plan, Target const& target, std::string const& currency,
                        bool is_by_operator) {
    if (!plan.is_self_service && !is_by_operator)
        return fail(invalid("plan", "The plan '" + plan.code + "' is sold by our sales team; please contact them.",
                            "contact_sales"));
    if (target.quantity < 1) return fail(invalid("quantity", "The quantity must be at least 1."));
    if (plan.prices.empty())
        return fail(invalid("plan",
                            "The plan '" + plan.code + "' has no price: it is what remains without a " +
                                "subscription; cancel to have it.",
                            "not_for_sale"));
    auto const* price = plan.find_price(target.interval);
    if (!price)
        return fail(invalid("interval",
                            "The plan '" + plan.code + "' has no price by " + to_string(target.interval) + ".",
                            "no_such_price"));
    if (!price->stripe_price_id && !price->amounts.contains(currency))
        return fail(
            invalid("currency", "The plan '" + plan.code + "' has no price in '" + currency + "'.", "no_such_price"));
    return {};
}

/// The same was granted a moment ago, through the same door: whoever asks again has clicked twice.
bool was_just_granted(Standing const& standing, Target const& target, Timestamp now,
                      std::function<bool(IntentKind)> const& is_same_door) {
    auto const& last = standing.last;
    return standing.held && last && last->status == IntentStatus::confirmed && last->ended_at &&
           is_same_door(last->kind) && now - *last->ended_at < same_click_window && target_of(*last) == target;
}

bool starts_trial(IntentKind kind) {
    return kind == IntentKind::start_trial;
}

/// A second click on the button that opened the checkout which is still open.
bool is_same_click(Standing const& standing, Intent const& intent, PurchaseWish const& wish, Timestamp now) {
    auto const& pending = *standing.pending;
    if (!is_same_wish(pending, intent)) return false;
    bool is_open = pending.parameters.contains("session");
    return !is_open || (!wish.is_separate_attempt && now - pending.created_at < same_click_window);
}

}  // namespace

Result<Decision> request_purchase(catalog::Catalog const& catalog, Standing const& standing, PurchaseWish const& wish,
                                  Stamp const& stamp) {
    auto const* plan = catalog.find_plan(wish.target.plan);
    if (!plan) return fail(not_found("There is no plan '" + wish.target.plan + "'.", "unknown_plan"));
    TRY_VOID(check_sold(*plan, wish.target, wish.currency, false));
    auto intent = new_intent(standing, wish.without_checkout ? IntentKind::start_trial : IntentKind::purchase, stamp);
    aim(intent, wish.target, wish.currency);
    // One trial for each customer and line: who has been here before pays from the first day.
    std::int64_t trial_days = standing.had_subscription ? 0 : plan->trial_days;
    intent.parameters["trial_days"] = trial_days;
    intent.parameters["trial_needs_card"] = plan->trial_needs_card;
    if (!wish.without_checkout) {
        intent.parameters["success_url"] = wish.success_url;
        intent.parameters["cancel_url"] = wish.cancel_url;
    }
    if (standing.pending && is_same_click(standing, intent, wish, stamp.now))
        return Decision{Decision::Kind::join, *standing.pending, {}};
    if (wish.without_checkout && was_just_granted(standing, wish.target, stamp.now, starts_trial))
        return Decision{Decision::Kind::already, {}, {}};
    auto ruling = TRY(rule(situations_of(standing), Request::purchase));
    if (wish.without_checkout && (trial_days == 0 || plan->trial_needs_card))
        return fail(conflict("no_trial", "The plan '" + plan->code +
                                             "' cannot be started without payment; open a checkout for it instead."));
    if (ruling.verdict == Verdict::replace) return undo_first(standing, std::move(ruling.undo));
    return Decision{Decision::Kind::begin, std::move(intent), {}};
}

namespace {

Result<void> check_direction(Comparison const& comparison, ChangeWish const& wish, Effective at) {
    bool is_lower = comparison.relation == Relation::downgrade;
    if (is_lower && at == Effective::now && !wish.is_by_operator)
        return fail(conflict("lower_plan",
                             "'" + wish.target.plan +
                                 "' is a lower plan. A downgrade takes effect at the end of the period: schedule it "
                                 "with POST /api/subscription/schedule-downgrade."));
    if (is_lower && wish.direction == Direction::up_only)
        return fail(conflict("lower_plan", "'" + wish.target.plan +
                                               "' is a lower plan; schedule it with "
                                               "POST /api/subscription/schedule-downgrade."));
    if (!is_lower && wish.direction == Direction::down_only && comparison.effective != Effective::period_end)
        return fail(conflict("not_lower", "'" + wish.target.plan +
                                              "' is not a lower plan; take it with POST /api/subscription/upgrade."));
    return {};
}

Result<void> check_limits(Comparison const& comparison) {
    auto const* excess = comparison.blocking();
    if (!excess || comparison.relation != Relation::downgrade) return {};
    return fail(conflict("downgrade_blocked", "'" + excess->feature + "' is in use " + std::to_string(excess->used) +
                                                  " times and the plan allows " + std::to_string(excess->limit) +
                                                  "; reduce the use first."));
}

IntentKind kind_of(Relation relation, Effective at) {
    if (at == Effective::period_end) return IntentKind::schedule_change;
    if (relation == Relation::interval) return IntentKind::change_interval;
    if (relation == Relation::quantity) return IntentKind::change_quantity;
    return IntentKind::upgrade;
}

Request request_of(IntentKind kind) {
    if (kind == IntentKind::schedule_change) return Request::change_at_period_end;
    if (kind == IntentKind::change_interval) return Request::interval;
    if (kind == IntentKind::change_quantity) return Request::quantity;
    return Request::upgrade;
}

bool is_scheduled_already(Standing const& standing, Target const& target) {
    return standing.scheduled && standing.scheduled->status == ScheduledChangeStatus::scheduled &&
           brings(*standing.scheduled, target);
}

}  // namespace

Result<Decision> request_change_plan(catalog::Catalog const& catalog, Standing const& standing, ChangeWish const& wish,
                                     Comparison const& comparison, Stamp const& stamp) {
    if (!standing.held) TRY_VOID(rule(situations_of(standing), Request::upgrade));
    auto at = wish.at.value_or(comparison.effective);
    auto intent = new_intent(standing, kind_of(comparison.relation, at), stamp);
    aim(intent, wish.target, standing.held->currency);
    if (standing.pending && is_same_wish(*standing.pending, intent))
        return Decision{Decision::Kind::join, *standing.pending, {}};
    if (comparison.relation == Relation::same) {
        // A door that leads one way says that it leads nowhere from here; the others answer with what is so.
        if (wish.direction == Direction::any || was_just_granted(standing, wish.target, stamp.now, changes_plan_now))
            return Decision{Decision::Kind::already, {}, {}};
        return fail(conflict("same_plan", "'" + wish.target.plan + "' is the plan that is held already."));
    }
    TRY_VOID(check_direction(comparison, wish, at));
    auto const* plan = catalog.find_plan(wish.target.plan);
    TRY_VOID(check_sold(*plan, wish.target, standing.held->currency, wish.is_by_operator));
    if (at == Effective::period_end && is_scheduled_already(standing, wish.target))
        return Decision{Decision::Kind::already, {}, {}};
    TRY_VOID(check_limits(comparison));
    auto const request = request_of(intent.kind);
    return decide(standing, request, std::move(intent));
}

Result<Decision> request_cancel(Standing const& standing, CancelWish const& wish, Stamp const& stamp) {
    if (wish.refund != Refund::none && wish.at != CancelAt::now)
        return fail(invalid("refund", "Only a cancellation at once can refund; at period end the time stays paid."));
    auto intent = new_intent(standing, IntentKind::cancel, stamp);
    intent.parameters["at"] = to_string(wish.at);
    intent.parameters["refund"] = to_string(wish.refund);
    if (!wish.reason.empty()) intent.parameters["reason"] = wish.reason;
    if (wish.at == CancelAt::now) return decide(standing, Request::cancel_now, std::move(intent));
    auto asked = standing;
    // Who is to leave later may leave with the period; until then each renewal would be charged.
    if (asked.held && !ends_with_period(*asked.held)) asked.held->cancel_at.reset();
    return decide(asked, Request::cancel, std::move(intent));
}

Result<Decision> request_resume(Standing const& standing, Stamp const& stamp) {
    return decide(standing, Request::resume, new_intent(standing, IntentKind::resume, stamp));
}

Result<Decision> request_withdraw(Standing const& standing, Stamp const& stamp) {
    return decide(standing, Request::withdraw, new_intent(standing, IntentKind::cancel_schedule, stamp));
}

}  // namespace billhook::subscription
