// Does the history explain the state? Each subscription's entries begin with nothing, each goes on where the one before
// it ended, and the last ends where the record stands; each changes something, and has a cause that can be found. And
// nothing is left over in the queues.

#include "tests/oracle/judgement.h"

namespace billhook::oracle {
namespace {

/// What an entry may name, or rest on: wishes of the customer for the line, Stripe's schedules, and what they were to
/// bring.
std::set<std::string> causes_of(Case const& at) {
    std::set<std::string> causes;
    for (auto const& intent : at.engine.intents)
        causes.insert(intent.customer + " " + intent.line + " intent:" + intent.id);
    for (auto const& schedule : at.stripe.schedules) causes.insert("schedule:" + string_or(schedule, "id"));
    for (auto const& change : at.engine.scheduled_changes)
        causes.insert(change.subscription + " is to be " + change.to_plan);
    return causes;
}

/// Nobody changes a plan at Stripe here: a wish did it, or a schedule.
void judge_cause(std::set<std::string> const& causes, HistoryRow const& entry, std::string const& what,
                 Violations& found) {
    auto const& cause = entry.cause;
    auto const word = cause.substr(0, cause.find(':'));
    if (word != "intent" && word != "schedule" && word != "operator" && word != "event" && word != "read")
        found.push_back(what + ": has no cause, but '" + cause + "'");
    if (word == "intent" && !causes.contains(entry.customer + " " + entry.line + " " + cause))
        found.push_back(what + ": names a wish that nobody had: " + cause);
    if (word == "schedule" && !causes.contains(cause))
        found.push_back(what + ": names a schedule that Stripe does not know: " + cause);
    // A schedule's change may be read together with what came after it.
    bool const changes_plan = !entry.from_plan.empty() && entry.from_plan != entry.to_plan;
    bool const was_scheduled = causes.contains(entry.subscription + " is to be " + entry.to_plan);
    if (changes_plan && !was_scheduled && (word == "event" || word == "read"))
        found.push_back(what + ": nobody wished for " + entry.to_plan + ": " + cause);
}

}  // namespace

void judge_history(Case const& at, Violations& found) {
    auto const causes = causes_of(at);
    std::map<std::string, HistoryRow const*> last;
    for (auto const& entry : at.engine.history) {
        if (!at.engine.customers.contains(entry.customer)) continue;
        auto const what = entry.customer + " " + entry.subscription + " history";
        auto& before = last[entry.customer + " " + entry.subscription];
        expect_same(found, what + " goes on from", entry.from_status + " " + entry.from_plan,
                    before ? before->to_status + " " + before->to_plan : "free ");
        if (before && entry.from_status == entry.to_status && entry.from_plan == entry.to_plan)
            found.push_back(what + ": an entry of no change");
        if (entry.at > at.now.ms || (before && entry.at < before->at))
            found.push_back(what + ": an entry out of its time");
        judge_cause(causes, entry, what, found);
        before = &entry;
    }
    for (auto const& row : at.engine.subscriptions) {
        if (!at.engine.customers.contains(row.customer)) continue;
        auto const end = last.find(row.customer + " " + row.id);
        expect_same(found, row.customer + " " + row.id + " history ends in",
                    end == last.end() ? "nothing" : end->second->to_status + " " + end->second->to_plan,
                    row.status + " " + row.plan);
    }
    for (auto const& row : at.engine.unfinished)
        found.push_back(row.queue + " " + row.id + " " + row.kind + ": is " + row.status +
                        " at a quiet point: " + row.error);
}

}  // namespace billhook::oracle
