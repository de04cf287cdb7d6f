#pragma once
// Snapshot: all of a customer's entitlements at one moment. Derived from catalog and subscriptions, rebuildable. What
// follows from the plans alone is shared by all customers who hold the same plans in the same state; a customer's own
// are only the times.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/catalog/catalog.h"
#include "domain/subscription/subscription.h"

namespace billhook::entitlement {

/// full: all features. soft_locked: those marked soft are off. locked: nothing but what the free state gives.
enum class Access { full, soft_locked, locked };
char const* to_string(Access access);

struct FeatureEntitlement {
    catalog::FeatureType type = catalog::FeatureType::flag;
    bool is_allowed = false;
    std::string reason;                 // why, e.g. "plan", "not_in_plan", "past_due_grace", "payment_required"
    std::optional<std::int64_t> limit;  // nullopt = unlimited (or a flag)
    std::string line;                   // the line whose plan decides; empty where none does
    std::string plan;
    auto operator<=>(FeatureEntitlement const&) const = default;
};

struct PlanHeld {
    std::string plan;
    subscription::Status status = subscription::Status::active;
    Access access = Access::locked;
    std::string reason;  // why the access is as it is, e.g. "past_due_grace"
    auto operator<=>(PlanHeld const&) const = default;
};
using PlansHeld = std::map<std::string, PlanHeld>;  // by line code; a line without subscription is absent

/// Immutable once made; many customers and readers share one.
struct Rights {
    PlansHeld lines;
    std::map<std::string, FeatureEntitlement, std::less<>> features;  // by feature code; every feature of the catalog
    auto operator<=>(Rights const&) const = default;
};

struct Snapshot {
    std::shared_ptr<Rights const> rights;
    std::vector<Timestamp> period_ends;  // of rights->lines, in their order
    Timestamp as_of;
    std::optional<Timestamp> valid_until;  // end of a grace or of the paid time: decide again from then on
};

}  // namespace billhook::entitlement
