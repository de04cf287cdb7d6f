#include "tests/oracle/judgement.h"

namespace billhook::oracle {

void expect_same(Violations& found, std::string const& what, std::string const& in_engine,
                 std::string const& in_stripe) {
    if (in_engine != in_stripe)
        found.push_back(what + ": the engine says '" + in_engine + "', by Stripe it is '" + in_stripe + "'");
}

Violations judge(Case const& at) {
    Violations found;
    judge_state(at, found);
    judge_access(at, found);
    judge_intents(at, found);
    judge_schedules(at, found);
    judge_invoices(at, found);
    judge_history(at, found);
    return found;
}

Violations judge(Doors const& doors, CatalogReading const& catalog, std::vector<std::string> const& customers) {
    auto const stripe = read_stripe(doors);
    auto const engine = read_engine(doors, customers);
    return judge({catalog, stripe, engine, doors.now()});
}

}  // namespace billhook::oracle
