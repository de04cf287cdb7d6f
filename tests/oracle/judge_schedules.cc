// Was each scheduled change done once, or called off, and none lost? While it waits, Stripe's schedule has a phase that
// bears it; once it is done, Stripe has billed a period that begins with it.

#include "tests/oracle/judgement.h"

namespace billhook::oracle {
namespace {

constexpr std::int64_t late_seconds = 2 * 3600;  // an executed change stands in the engine by then, at a quiet point

struct Planned {
    Sold sold;
    std::int64_t quantity = 1;
    std::int64_t at = 0;
};

std::string subscription_of(Json const& schedule) {
    auto const attached = string_or(schedule, "subscription");
    return attached.empty() ? string_or(schedule, "released_subscription") : attached;
}

/// The first phase still to come that sells something else than what is held.
std::optional<Planned> planned_by(Case const& at, Json const& schedule, Json const& held) {
    auto const status = string_or(schedule, "status");
    if ((status != "active" && status != "not_started") || !is_live(held)) return std::nullopt;
    auto const present = sold_by(at.catalog, held);
    for (auto const& phase : find(schedule, "phases")->as_array()) {
        auto const begins = int_or(phase, "start_date");
        auto const& item = find(phase, "items")->as_array().at(0);
        auto const key = at.stripe.lookup_keys.find(string_or(item, "price"));
        if (begins <= at.now.seconds() || key == at.stripe.lookup_keys.end()) continue;
        auto const& sold = at.catalog.prices.at(key->second);
        auto const quantity = int_or(item, "quantity", 1);
        if (sold.plan != present.plan || sold.interval != present.interval ||
            quantity != int_or(only_item(held), "quantity", 1))
            return Planned{sold, quantity, begins};
    }
    return std::nullopt;
}

void judge_schedule(Case const& at, Json const& schedule, SubscriptionRow const& row, Json const& held,
                    Violations& found) {
    auto const id = string_or(schedule, "id");
    auto const what = row.customer + " " + row.line + " " + id;
    auto const planned = planned_by(at, schedule, held);
    int waiting = 0, all = 0;
    for (auto const& change : at.engine.scheduled_changes) {
        if (change.schedule != id) continue;
        ++all;
        if (change.status != "scheduled") continue;
        ++waiting;
        if (!planned) continue;
        expect_same(found, what + " planned for", std::to_string(change.effective_at / 1000),
                    std::to_string(planned->at));
        expect_same(found, what + " plans as many", std::to_string(change.to_quantity),
                    std::to_string(planned->quantity));
        expect_same(found, what + " plans", change.to_plan + " by " + change.to_interval,
                    planned->sold.plan + " by " + planned->sold.interval);
    }
    expect_same(found, what + " scheduled changes", std::to_string(waiting), planned ? "1" : "0");
    if (string_or(schedule, "status") == "active" && !planned && all == 0)
        found.push_back(what + ": a schedule is attached, and it never had a change to bring");
}

/// A period of the target's price that begins with the change.
bool was_billed(Case const& at, ScheduledChangeRow const& change, std::string const& stripe_subscription) {
    for (auto const& invoice : at.stripe.invoices_of(change.customer)) {
        if (string_or(invoice, "parent.subscription_details.subscription") != stripe_subscription) continue;
        for (auto const& line : find_path(invoice, "lines.data")->as_array()) {
            auto const key = at.stripe.lookup_keys.find(string_or(line, "pricing.price_details.price"));
            if (key == at.stripe.lookup_keys.end() || int_or(line, "period.start") != change.effective_at / 1000)
                continue;
            auto const& sold = at.catalog.prices.at(key->second);
            if (sold.plan == change.to_plan && sold.interval == change.to_interval) return true;
        }
    }
    return false;
}

/// The schedule still led the subscription when the change was due.
bool was_carried_out(Case const& at, ScheduledChangeRow const& change, Json const& schedule) {
    auto const begins = change.effective_at / 1000;
    if (begins > at.now.seconds()) return false;
    for (auto const* name : {"released_at", "canceled_at"})
        if (auto const left = seconds_at(schedule, name); left && *left <= begins) return false;
    for (auto const& phase : find(schedule, "phases")->as_array()) {
        if (int_or(phase, "start_date") != begins) continue;
        auto const key = at.stripe.lookup_keys.find(string_or(find(phase, "items")->as_array().at(0), "price"));
        if (key == at.stripe.lookup_keys.end() || !at.catalog.prices.contains(key->second)) continue;
        auto const& sold = at.catalog.prices.at(key->second);
        if (sold.plan == change.to_plan && sold.interval == change.to_interval) return true;
    }
    return false;
}

void judge_change(Case const& at, ScheduledChangeRow const& change, Json const* schedule, Violations& found) {
    auto const what = change.customer + " " + change.id + " to " + change.to_plan + " by " + change.to_interval;
    auto const* row = at.engine.find_subscription(change.customer, change.subscription);
    if (change.status == "scheduled" && change.effective_at / 1000 + late_seconds < at.now.seconds())
        found.push_back(what + ": its time has passed, and it still waits");
    if (change.status == "done" && row && !was_billed(at, change, row->stripe_id))
        found.push_back(what + ": is called done, but Stripe never billed it from that day on");
    if (change.status == "canceled" && schedule && was_carried_out(at, change, *schedule))
        found.push_back(what + ": is called off, but Stripe carried it out");
}

}  // namespace

void judge_schedules(Case const& at, Violations& found) {
    std::map<std::string, Json const*> known;
    std::set<std::string> done;
    for (auto const& schedule : at.stripe.schedules) {
        known[string_or(schedule, "id")] = &schedule;
        auto const subscription = subscription_of(schedule);
        auto const* row = at.engine.find_by_stripe_id(subscription);
        auto const* held = at.stripe.find_subscription(subscription);
        if (row && held && at.engine.customers.contains(row->customer))
            judge_schedule(at, schedule, *row, *held, found);
    }
    for (auto const& change : at.engine.scheduled_changes) {
        if (!at.engine.customers.contains(change.customer)) continue;
        auto const schedule = known.find(change.schedule);
        if (schedule == known.end())
            found.push_back(change.customer + " " + change.id + ": a change by a schedule that Stripe does not know");
        if (change.status == "done" &&
            !done.insert(change.subscription + " " + std::to_string(change.effective_at)).second)
            found.push_back(change.customer + " " + change.id + ": a scheduled change was done twice");
        judge_change(at, change, schedule == known.end() ? nullptr : schedule->second, found);
    }
}

}  // namespace billhook::oracle
