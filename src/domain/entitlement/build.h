#pragma once
// Builds a customer's snapshot from the catalog and the subscriptions held. Where several lines bear one feature the
// most generous counts: on beats off, a larger limit beats a smaller, unlimited beats all.

#include <vector>

#include "domain/entitlement/access.h"
#include "domain/entitlement/snapshot.h"

namespace billhook::entitlement {

Snapshot build_snapshot(CustomerId const& customer, std::vector<subscription::Subscription> const& subscriptions,
                        catalog::Catalog const& catalog, Timestamp now);

}  // namespace billhook::entitlement
