// Does the history explain the state? Each subscription's entries begin with nothing, each goes on where the one before
// it ended, and the last ends where the record stands. And nothing is left over in the queues.

#include "tests/oracle/judgement.h"

namespace billhook::oracle {

void judge_history(Case const& at, Violations& found) {
    std::map<std::string, HistoryRow const*> last;
    for (auto const& entry : at.engine.history) {
        if (!at.engine.customers.contains(entry.customer)) continue;
        auto const what = entry.customer + " " + entry.subscription + " history";
        auto& before = last[entry.customer + " " + entry.subscription];
        expect_same(found, what + " goes on from", entry.from_status + " " + entry.from_plan,
                    before ? before->to_status + " " + before->to_plan : "free ");
        if (entry.cause.empty()) found.push_back(what + ": an entry without a cause");
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
