// Has every wish ended, and as its end says? What was granted last is what stands at Stripe. One may still wait only
// where Stripe itself waits: for a payment page that is open, a first payment, or the payment of a change held by it.

#include "tests/oracle/judgement.h"

namespace billhook::oracle {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t late_seconds = day_seconds - 3600;  // a wish is given up by then

bool is_birth(std::string const& kind) {
    return kind == "purchase" || kind == "start_trial";
}

std::vector<Json const*> born_of(Case const& at, IntentRow const& intent) {
    std::vector<Json const*> born;
    for (auto const& subscription : at.stripe.subscriptions_of(intent.customer))
        if (string_or(subscription, "metadata.billhook_intent") == intent.id) born.push_back(&subscription);
    return born;
}

/// What Stripe itself still waits for.
bool may_wait(Case const& at, IntentRow const& intent) {
    if (at.stripe.open_sessions.contains(intent.id)) return true;
    for (auto const* born : born_of(at, intent))
        if (string_or(*born, "status") == "incomplete") return true;
    auto const* row = at.engine.find_subscription(intent.customer, intent.subscription);
    auto const* held = row ? at.stripe.find_subscription(row->stripe_id) : nullptr;
    auto const* update = held ? find(*held, "pending_update") : nullptr;
    return update && update->is_object();
}

Json wish_of(IntentRow const& intent) {
    auto tree = parse_json(intent.parameters);
    return tree ? std::move(*tree) : Json(nullptr);
}

/// The customer's currency; and a trial, as long as the plan's, for the first subscription of a line alone.
void judge_terms(Case const& at, IntentRow const& intent, Json const& born, std::string const& what,
                 Violations& found) {
    auto const& customer = at.engine.customers.at(intent.customer).customer;
    expect_same(found, what + " currency", string_or(customer, "currency", at.catalog.currency),
                string_or(born, "currency"));
    auto const plan = at.catalog.plans.find(string_or(wish_of(intent), "plan"));
    std::int64_t days = plan == at.catalog.plans.end() ? 0 : plan->second.trial_days;
    for (auto const& other : at.stripe.subscriptions_of(intent.customer))
        if (string_or(other, "id") != string_or(born, "id") && line_of(at.catalog, other) == intent.line &&
            int_or(other, "created") * 1000 <= intent.created_at)
            days = 0;
    auto const seconds = int_or(born, "trial_end") - int_or(born, "trial_start");
    auto const missing = days * day_seconds - seconds;
    if (missing < 0 || missing >= late_seconds)
        found.push_back(what + ": a trial of " + std::to_string(seconds) + " seconds, by the catalog it has " +
                        std::to_string(days) + " days");
}

void judge_birth(Case const& at, IntentRow const& intent, std::string const& what, Violations& found) {
    auto const born = born_of(at, intent);
    if (born.size() > 1)
        found.push_back(what + ": " + std::to_string(born.size()) + " subscriptions came of one purchase");
    auto const pages = at.stripe.sessions.find(intent.id);
    if (pages != at.stripe.sessions.end() && pages->second > 1)
        found.push_back(what + ": " + std::to_string(pages->second) + " payment pages were opened for one purchase");
    if (intent.status == "confirmed" && born.empty()) found.push_back(what + ": confirmed, but nothing was bought");
    if (intent.status == "confirmed" && born.size() == 1) judge_terms(at, intent, *born.front(), what, found);
    if (intent.status != "refused" && intent.status != "superseded") return;
    for (auto const* subscription : born)
        if (is_live(*subscription))
            found.push_back(what + ": " + intent.status + " (" + intent.reason + "), but " +
                            string_or(*subscription, "id") + " came of it and is " +
                            string_or(*subscription, "status"));
}

/// The newest of some wishes that were granted. Where two were at one instant nobody can tell which.
struct LastGranted {
    IntentRow const* intent = nullptr;
    bool is_sure = false;
};

template <class IsMeant>
LastGranted last_granted(Case const& at, SubscriptionRow const& row, IsMeant is_meant) {
    LastGranted last;
    for (auto const& intent : at.engine.intents) {
        if (intent.customer != row.customer || intent.subscription != row.id || intent.status != "confirmed" ||
            !is_meant(intent) || (last.intent && intent.ended_at < last.intent->ended_at))
            continue;
        last = {&intent, !last.intent || intent.ended_at > last.intent->ended_at};
    }
    return last;
}

bool changes_now(IntentRow const& intent) {
    return intent.kind == "upgrade" || intent.kind == "change_interval" || intent.kind == "change_quantity";
}

bool leaves_at_once(IntentRow const& intent) {
    return intent.kind == "cancel" && string_or(wish_of(intent), "at") == "now";
}

/// Plan, interval and quantity are those of the last wish that was granted, or of the scheduled change after it.
void judge_plan(Case const& at, SubscriptionRow const& row, Json const& held, Violations& found) {
    auto const last =
        last_granted(at, row, [](IntentRow const& intent) { return is_birth(intent.kind) || changes_now(intent); });
    if (!last.intent || !last.is_sure) return;
    for (auto const& change : at.engine.scheduled_changes)
        if (change.customer == row.customer && change.subscription == row.id && change.status == "done" &&
            change.ended_at >= last.intent->ended_at)
            return;  // judge_schedules looks at what was billed
    auto const wish = wish_of(*last.intent);
    auto const sold = sold_by(at.catalog, held);
    auto const what = row.customer + " " + row.line + " since " + last.intent->kind + " " + last.intent->id;
    expect_same(found, what, string_or(wish, "plan") + " by " + string_or(wish, "interval"),
                sold.plan + " by " + sold.interval);
    expect_same(found, what + " quantity", std::to_string(int_or(wish, "quantity", 1)),
                std::to_string(int_or(only_item(held), "quantity")));
}

/// Whoever asked last to leave is leaving, and whoever asked last to stay stays.
void judge_leaving(Case const& at, SubscriptionRow const& row, Json const& held, Violations& found) {
    auto const last = last_granted(
        at, row, [](IntentRow const& intent) { return intent.kind == "cancel" || intent.kind == "resume"; });
    if (!last.intent || !last.is_sure) return;
    auto const what = row.customer + " " + row.line + " " + last.intent->kind + " " + last.intent->id;
    bool const is_leaving = bool_or(held, "cancel_at_period_end") || seconds_at(held, "cancel_at");
    if (leaves_at_once(*last.intent))
        found.push_back(what + ": confirmed, but the subscription is " + string_or(held, "status"));
    else
        expect_same(found, what, last.intent->kind == "cancel" ? "leaves" : "stays", is_leaving ? "leaves" : "stays");
}

/// A change that was withdrawn does not wait any more.
void judge_withdrawal(Case const& at, IntentRow const& intent, std::string const& what, Violations& found) {
    for (auto const& change : at.engine.scheduled_changes)
        if (change.customer == intent.customer && change.subscription == intent.subscription &&
            change.status == "scheduled" && change.created_at < intent.created_at)
            found.push_back(what + ": confirmed, but " + change.id + " still waits");
}

}  // namespace

void judge_intents(Case const& at, Violations& found) {
    for (auto const& intent : at.engine.intents) {
        if (!at.engine.customers.contains(intent.customer)) continue;
        auto const what = intent.customer + " " + intent.line + " " + intent.kind + " " + intent.id;
        if (intent.status == "pending" && !may_wait(at, intent))
            found.push_back(what + ": is pending, and Stripe waits for nothing");
        if (is_birth(intent.kind)) judge_birth(at, intent, what, found);
        if (intent.kind == "cancel_schedule" && intent.status == "confirmed") judge_withdrawal(at, intent, what, found);
    }
    for (auto const& row : at.engine.subscriptions) {
        if (!at.engine.customers.contains(row.customer)) continue;
        for (auto const& held : at.stripe.subscriptions_of(row.customer)) {
            if (string_or(held, "id") != row.stripe_id || !is_live(held)) continue;
            judge_plan(at, row, held, found);
            judge_leaving(at, row, held, found);
        }
    }
    for (auto const& [id, session] : at.stripe.open_sessions) {
        auto const customer = string_or(session, "metadata.billhook_customer");
        if (!at.engine.customers.contains(customer)) continue;
        bool is_awaited = false;
        for (auto const& intent : at.engine.intents)
            if (intent.id == id && intent.status == "pending") is_awaited = true;
        if (!is_awaited)
            found.push_back(customer + " " + id + ": a payment page is open at Stripe, but the purchase has ended");
    }
}

}  // namespace billhook::oracle
