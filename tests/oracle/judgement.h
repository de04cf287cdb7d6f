#pragma once
// Judgement: what was found wrong, in words for whoever looks for the cause.

#include <set>
#include <string>
#include <vector>

#include "tests/oracle/engine_reading.h"
#include "tests/oracle/stripe_reading.h"

namespace billhook::oracle {

struct Case {
    CatalogReading const& catalog;
    StripeReading const& stripe;
    EngineReading const& engine;
    Timestamp now;
};

using Violations = std::vector<std::string>;

void judge_state(Case const& at, Violations& found);
void judge_access(Case const& at, Violations& found);
void judge_intents(Case const& at, Violations& found);
void judge_schedules(Case const& at, Violations& found);
void judge_invoices(Case const& at, Violations& found);
void judge_history(Case const& at, Violations& found);

/// All of them.
Violations judge(Case const& at);
/// All of them, for these customers of ours.
Violations judge(Doors const& doors, CatalogReading const& catalog, std::vector<std::string> const& customers);

/// At any moment, quiet or not: what is paid until a time that has passed opens nothing, though Stripe's word of the
/// end has not come.
Violations judge_paid_time(Doors const& doors, CatalogReading const& catalog);

/// "two things differ": adds a violation where they do.
void expect_same(Violations& found, std::string const& what, std::string const& in_engine,
                 std::string const& in_stripe);

}  // namespace billhook::oracle
