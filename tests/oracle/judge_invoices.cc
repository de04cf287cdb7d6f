// Is every invoice accounted for? Each of Stripe's stands in the engine as it is, and none stands there that Stripe
// does not have.

#include "tests/oracle/judgement.h"

namespace billhook::oracle {

void judge_invoices(Case const& at, Violations& found) {
    for (auto const& [customer, engine] : at.engine.customers) {
        std::set<std::string> known;
        for (auto const& stripe : at.stripe.invoices_of(customer)) {
            auto const id = string_or(stripe, "id");
            auto const what = customer + " invoice " + id;
            known.insert(id);
            auto const listed = engine.invoices.find(id);
            if (listed == engine.invoices.end()) {
                found.push_back(what + ": is " + string_or(stripe, "status") + " at Stripe, and not in the engine");
                continue;
            }
            for (auto const* name : {"status", "number", "billing_reason", "currency"})
                expect_same(found, what + " " + name, string_or(listed->second, name), string_or(stripe, name));
            for (auto const* name : {"total", "amount_due", "amount_paid"})
                expect_same(found, what + " " + name, std::to_string(int_or(listed->second, name)),
                            std::to_string(int_or(stripe, name)));
        }
        for (auto const& [id, unused] : engine.invoices)
            if (!known.contains(id))
                found.push_back(customer + " invoice " + id + ": is in the engine, and not at Stripe");
    }
}

}  // namespace billhook::oracle
