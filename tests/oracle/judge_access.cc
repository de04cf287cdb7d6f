// Does every feature follow from the sandbox's objects and the catalog? The rules, written anew from PRODUCT 2.10 and 4
// and decision 0009: trialing and active open everything of the plan; past_due does for the days of grace, then all but
// what is soft, then nothing; any other status opens nothing; a cancellation that is due has happened, whether or not
// Stripe's word of it has come. A line of which nothing is open gives its default plan. Of two lines the more generous
// counts.

#include <algorithm>

#include "tests/oracle/judgement.h"

namespace billhook::oracle {
namespace {

enum class Open { all, without_soft, nothing };

/// The days of grace count from when Stripe first said past_due; where the engine read it late and no open invoice told
/// it since when, from what it noted then.
enum class Count { exact, as_noted };
constexpr Duration late_max = Duration::days(2);

Timestamp owing_since(Case const& at, std::string const& subscription, Count count) {
    auto const found = at.stripe.arrears.find(subscription);
    if (found == at.stripe.arrears.end()) return {};
    auto const& began = found->second;
    auto const* row = at.engine.find_by_stripe_id(subscription);
    if (count == Count::exact || !row || !row->past_due_since) return began.front();
    return std::clamp(Timestamp{*row->past_due_since}, began.front(), began.front() + late_max);
}

Open open_by(Case const& at, Json const& subscription, Count count) {
    auto const status = string_or(subscription, "status");
    if (auto const end = seconds_at(subscription, "cancel_at"); end && Timestamp::from_seconds(*end) <= at.now)
        return Open::nothing;
    if (status == "active" || status == "trialing") return Open::all;
    if (status != "past_due") return Open::nothing;
    auto const since = owing_since(at, string_or(subscription, "id"), count);
    if (at.now < since + at.catalog.grace) return Open::all;
    return at.now < since + at.catalog.grace + at.catalog.soft ? Open::without_soft : Open::nothing;
}

struct Granted {
    bool is_allowed = false;
    bool is_unlimited = false;
    std::int64_t limit = 0;
};

void add(Granted& granted, CatalogReading const& catalog, std::string const& plan, std::string const& feature) {
    auto const& promised = catalog.plans.at(plan).features;
    auto const promise = promised.find(feature);
    if (promise == promised.end() || !promise->second.is_on) return;
    granted.is_allowed = true;
    granted.is_unlimited = granted.is_unlimited || promise->second.is_unlimited;
    granted.limit = std::max(granted.limit, promise->second.limit.value_or(0));
}

std::map<std::string, Granted> derive(Case const& at, std::string const& customer, Count count) {
    std::map<std::string, Granted> all;
    for (auto const& [feature, unused] : at.catalog.features) all[feature];
    std::map<std::string, Open> lines;
    for (auto const& subscription : at.stripe.subscriptions_of(customer)) {
        if (!is_live(subscription)) continue;
        auto const open = open_by(at, subscription, count);
        lines[line_of(at.catalog, subscription)] = open;
        for (auto const& [feature, kind] : at.catalog.features)
            if (open == Open::all || (open == Open::without_soft && !kind.is_soft))
                add(all[feature], at.catalog, sold_by(at.catalog, subscription).plan, feature);
    }
    for (auto const& [line, plan] : at.catalog.default_plans) {
        auto const held = lines.find(line);
        if (held != lines.end() && held->second != Open::nothing) continue;
        for (auto const& [feature, unused] : at.catalog.features) add(all[feature], at.catalog, plan, feature);
    }
    return all;
}

std::string show(bool is_allowed, bool has_limit, std::string const& limit) {
    if (!is_allowed) return "refused";
    return has_limit ? "allowed up to " + limit : "allowed";
}

void judge_customer(Case const& at, std::string const& customer, Json const& entitlements, Violations& found) {
    std::vector<std::map<std::string, Granted>> derived;
    for (auto const count : {Count::exact, Count::as_noted}) derived.push_back(derive(at, customer, count));
    for (auto const& [feature, kind] : at.catalog.features) {
        auto const* answer = find_path(entitlements, "features." + feature);
        if (!answer) {
            found.push_back(customer + " " + feature + ": the engine does not decide it");
            continue;
        }
        auto const counted = at.engine.used.find(customer + " " + feature);
        auto const used = counted == at.engine.used.end() ? 0 : counted->second;
        if (kind.is_gauge)
            expect_same(found, customer + " use of " + feature, std::to_string(int_or(*answer, "used", -1)),
                        std::to_string(used));
        auto const limit = find_int(*answer, "limit");
        auto const said = show(bool_or(*answer, "allowed"), !kind.is_flag, limit ? std::to_string(*limit) : "any");
        std::vector<std::string> right;
        for (auto const& by_feature : derived) {
            auto const& granted = by_feature.at(feature);
            bool const has_room = kind.is_flag || granted.is_unlimited || used < granted.limit;
            right.push_back(show(granted.is_allowed && has_room, !kind.is_flag,
                                 granted.is_unlimited ? "any" : std::to_string(granted.limit)));
        }
        if (std::ranges::find(right, said) == right.end())
            expect_same(found, customer + " access to " + feature + " (" + string_or(*answer, "reason") + ")", said,
                        right.front());
    }
}

/// What the answer says of each line is the sandbox's word too, however old the snapshot in memory is.
void judge_plans(Case const& at, std::string const& customer, Json const& entitlements, Violations& found) {
    std::map<std::string, Json const*> held;
    for (auto const& subscription : at.stripe.subscriptions_of(customer))
        if (is_live(subscription)) held[line_of(at.catalog, subscription)] = &subscription;
    std::string overall = "free";
    for (auto const& line : at.catalog.lines) {
        auto const present = held.find(line);
        auto const* said = find_path(entitlements, "plans." + line);
        auto const what = customer + " entitlements of " + line;
        if (present == held.end()) {
            if (said) found.push_back(what + ": are told, and at Stripe nothing is held");
            continue;
        }
        auto const& subscription = *present->second;
        if (overall == "free") overall = string_or(subscription, "status");
        auto const said_of = [&](char const* name) { return said ? string_or(*said, name) : "nothing"; };
        auto const end = seconds_at(only_item(subscription), "current_period_end");
        expect_same(found, what + " plan", said_of("plan"), sold_by(at.catalog, subscription).plan);
        expect_same(found, what + " status", said_of("status"), string_or(subscription, "status"));
        expect_same(found, what + " period_end", said_of("period_end"),
                    to_rfc3339(Timestamp::from_seconds(end.value_or(0))));
    }
    expect_same(found, customer + " entitlements status", string_or(entitlements, "status"), overall);
}

}  // namespace

void judge_access(Case const& at, Violations& found) {
    for (auto const& [customer, engine] : at.engine.customers) {
        if (bool_or(engine.entitlements, "stale", true))
            found.push_back(customer + ": the entitlements are stale at a quiet point");
        judge_customer(at, customer, engine.entitlements, found);
        judge_plans(at, customer, engine.entitlements, found);
    }
}

Violations judge_paid_time(Doors const& doors, CatalogReading const& catalog) {
    Violations found;
    auto const now = doors.now();
    std::map<std::string, std::vector<std::string>> running, over;  // plans by customer
    for (auto const& row : doors.rows("SELECT customer_id, plan, cancel_at FROM subscription WHERE status NOT IN "
                                      "('canceled', 'incomplete_expired') ORDER BY customer_id, id",
                                      "tti")) {
        bool const is_over = row[2].is_int64() && row[2].get_int64() <= now.ms;
        (is_over ? over : running)[std::string(as_view(row[0].get_string()))].emplace_back(
            as_view(row[1].get_string()));
    }
    for (auto const& [customer, plans] : over) {
        auto others = running[customer];
        for (auto const& [line, plan] : catalog.default_plans) others.push_back(plan);
        auto const entitlements = doors.engine("/api/v1/entitlements", customer);
        for (auto const& plan : plans)
            for (auto const& [feature, unused] : catalog.plans.at(plan).features) {
                bool const is_borne = std::ranges::any_of(
                    others, [&](auto const& other) { return catalog.plans.at(other).features.contains(feature); });
                if (!is_borne && bool_or(entitlements, "features." + feature + ".allowed"))
                    found.push_back(customer + " " + feature + ": is open, though " + plan + " was paid until earlier");
            }
    }
    return found;
}

}  // namespace billhook::oracle
