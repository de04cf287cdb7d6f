#pragma once
// Builds a customer's snapshot in two steps: which plans the subscriptions hold in which state, and what these plans
// give by the catalog. The second is the same for everyone who holds the same. Where several lines bear one feature the
// most generous counts: on beats off, a larger limit beats a smaller, unlimited beats all.

#include <vector>

#include "domain/entitlement/access.h"
#include "domain/entitlement/snapshot.h"

namespace billhook::entitlement {

struct Holding {
    PlansHeld lines;
    std::vector<Timestamp> period_ends;    // of the lines, in their order
    std::optional<Timestamp> valid_until;  // the earliest time at which the holding has to be looked at again
};

Holding hold_plans(std::vector<subscription::Subscription> const& subscriptions, GracePolicy const& policy,
                   Timestamp now);
GracePolicy grace_policy(catalog::Catalog const& catalog);
Rights derive_rights(PlansHeld const& lines, catalog::Catalog const& catalog);

}  // namespace billhook::entitlement
