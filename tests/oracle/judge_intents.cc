// Has every wish ended, and as its end says? One may still wait only where Stripe itself waits: for a payment page that
// is open, a first payment, or the payment of a change that Stripe holds.

#include "tests/oracle/judgement.h"

namespace billhook::oracle {
namespace {

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

void judge_birth(Case const& at, IntentRow const& intent, std::string const& what, Violations& found) {
    auto const born = born_of(at, intent);
    if (born.size() > 1)
        found.push_back(what + ": " + std::to_string(born.size()) + " subscriptions came of one purchase");
    if (intent.status == "confirmed" && born.empty()) found.push_back(what + ": confirmed, but nothing was bought");
    if (intent.status != "refused" && intent.status != "superseded") return;
    for (auto const* subscription : born)
        if (is_live(*subscription))
            found.push_back(what + ": " + intent.status + " (" + intent.reason + "), but " +
                            string_or(*subscription, "id") + " came of it and is " +
                            string_or(*subscription, "status"));
}

}  // namespace

void judge_intents(Case const& at, Violations& found) {
    for (auto const& intent : at.engine.intents) {
        if (!at.engine.customers.contains(intent.customer)) continue;
        auto const what = intent.customer + " " + intent.line + " " + intent.kind + " " + intent.id;
        if (intent.status == "pending" && !may_wait(at, intent))
            found.push_back(what + ": is pending, and Stripe waits for nothing");
        if (is_birth(intent.kind)) judge_birth(at, intent, what, found);
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
