#include "domain/entitlement/access.h"

namespace billhook::entitlement {
namespace {

using subscription::Status;

AccessDecision decide_past_due(subscription::Subscription const& held, GracePolicy const& policy, Timestamp now) {
    Timestamp const since = held.past_due_since.value_or(held.observed_at);
    Timestamp const grace_end = since + policy.grace;
    Timestamp const soft_end = grace_end + policy.soft;
    if (now < grace_end) return {Access::full, "past_due_grace", grace_end};
    if (now < soft_end) return {Access::soft_locked, "past_due_soft", soft_end};
    return {Access::locked, "payment_required", std::nullopt};
}

AccessDecision decide_by_status(subscription::Subscription const& held, GracePolicy const& policy, Timestamp now) {
    switch (held.status) {
        case Status::active:
            return {Access::full, "active", std::nullopt};
        case Status::trialing:
            return {Access::full, "trial", std::nullopt};
        case Status::past_due:
            return decide_past_due(held, policy, now);
        case Status::unpaid:
            return {Access::locked, "payment_required", std::nullopt};
        case Status::incomplete:
            return {Access::locked, "payment_required", std::nullopt};
        case Status::incomplete_expired:
            return {Access::locked, "ended", std::nullopt};
        case Status::canceled:
            return {Access::locked, "ended", std::nullopt};
        case Status::paused:
            return {Access::locked, "paused", std::nullopt};
    }
    return {Access::locked, "ended", std::nullopt};
}

}  // namespace

AccessDecision decide_access(subscription::Subscription const& held, GracePolicy const& policy, Timestamp now) {
    AccessDecision decision = decide_by_status(held, policy, now);
    if (!held.cancel_at || decision.access == Access::locked) return decision;
    // The paid time ends at cancel_at even where Stripe's word about it is late or lost.
    if (*held.cancel_at <= now) return {Access::locked, "ended", std::nullopt};
    if (!decision.changes_at || *held.cancel_at < *decision.changes_at) decision.changes_at = held.cancel_at;
    return decision;
}

}  // namespace billhook::entitlement
