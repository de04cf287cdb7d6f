#pragma once
// The small catalog and the subscriptions that the tests of this room speak about.

#include <initializer_list>
#include <string>

#include "domain/catalog/catalog.h"
#include "domain/subscription/pending_change_table.h"
#include "domain/subscription/subscription.h"

namespace billhook::subscription::sample {

constexpr Timestamp now{1'767'225'600'000};  // 2026-01-01

inline catalog::Plan plan(std::string code, int rank, std::int64_t clients, std::initializer_list<char const*> flags) {
    catalog::Plan plan{.code = code, .name = code, .line = "tier", .rank = rank};
    for (auto interval : {IntervalUnit::month, IntervalUnit::year})
        plan.prices.push_back({code + "_" + to_string(interval), interval, {{"eur", 100 * (rank + 1)}}, {}});
    plan.features["clients"] = {false, clients};
    for (auto const* flag : flags) plan.features[flag] = {true, {}};
    return plan;
}

inline catalog::Catalog small_catalog() {
    catalog::Catalog catalog{.default_currency = "eur", .currencies = {"eur"}};
    catalog.lines = {{"tier", "Tier", {"starter", "pro", "max"}}};
    catalog.plans["starter"] = plan("starter", 0, 9, {"chat"});
    catalog.plans["pro"] = plan("pro", 1, 20, {"chat", "export"});
    catalog.plans["max"] = plan("max", 2, 0, {"chat", "export", "sso"});
    catalog.plans["max"].features["clients"].limit.reset();
    catalog.plans["pro"].trial_days = 14;
    catalog.plans["starter"].trial_days = 14;
    catalog.plans["starter"].trial_needs_card = false;
    catalog.plans["max"].is_self_service = false;
    catalog.features["clients"] = {.code = "clients", .type = catalog::FeatureType::limit, .is_gauge = true};
    for (auto const* flag : {"chat", "export", "sso"}) catalog.features[flag] = {.code = flag};
    return catalog;
}

inline Subscription subscription(std::string plan = "pro", Status status = Status::active,
                                 IntervalUnit interval = IntervalUnit::month, std::int64_t quantity = 1) {
    Subscription record;
    record.id = SubscriptionId("bsub_1");
    record.customer = CustomerId("acme");
    record.line = "tier";
    record.plan = std::move(plan);
    record.interval = interval;
    record.currency = "eur";
    record.status = status;
    record.stripe_subscription_id = "sub_1";
    record.current_period = {now, now + Duration::days(31)};
    record.items = {{"si_1", "price_1", "", quantity, false, record.current_period}};
    record.plan_item_id = "si_1";
    record.created_at = now;
    record.observed_at = now;
    return record;
}

inline Intent intent(IntentKind kind, std::string plan = "", JsonObject parameters = {}) {
    Intent intent;
    intent.id = IntentId("int_0");
    intent.customer = CustomerId("acme");
    intent.subscription = SubscriptionId("bsub_1");
    intent.line = "tier";
    intent.kind = kind;
    intent.parameters = std::move(parameters);
    if (!plan.empty()) {
        intent.parameters["plan"] = plan;
        intent.parameters["interval"] = "month";
        intent.parameters["quantity"] = 1;
        intent.parameters["currency"] = "eur";
    }
    intent.created_at = now;
    return intent;
}

inline ScheduledChange scheduled(std::string to_plan = "starter") {
    ScheduledChange change;
    change.id = ScheduledChangeId("chg_1");
    change.customer = CustomerId("acme");
    change.subscription = SubscriptionId("bsub_1");
    change.line = "tier";
    change.from_plan = "pro";
    change.to_plan = std::move(to_plan);
    change.effective_at = now + Duration::days(31);
    change.stripe_schedule_id = "sub_sched_1";
    return change;
}

inline Standing standing() {
    Standing standing;
    standing.customer = CustomerId("acme");
    standing.line = "tier";
    return standing;
}

inline Standing standing(Subscription held) {
    auto out = standing();
    out.held = std::move(held);
    out.had_subscription = true;
    return out;
}

}  // namespace billhook::subscription::sample
