#pragma once
// Snapshot: all of a customer's entitlements at one moment. Derived from catalog and subscriptions, rebuildable, and
// immutable once made; many readers share one.

#include <cstdint>
#include <map>
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
    Timestamp period_end;
    Access access = Access::locked;
    std::optional<Timestamp> access_changes_at;  // end of grace or of the paid time: decide again from then on
    auto operator<=>(PlanHeld const&) const = default;
};

struct Snapshot {
    CustomerId customer;
    std::map<std::string, PlanHeld> lines;               // by line code; a line without subscription is absent
    std::map<std::string, FeatureEntitlement> features;  // by feature code; every feature of the catalog
    Timestamp as_of;
    std::optional<Timestamp> valid_until;  // the earliest access_changes_at
    auto operator<=>(Snapshot const&) const = default;
};

}  // namespace billhook::entitlement
