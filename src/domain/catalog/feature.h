#pragma once
// Feature: what can be gated, and what a plan says about it.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace billhook::catalog {

/// flag: on or off. limit: a number that is compared or, as a gauge, allocated. metered: an allowance per period.
enum class FeatureType { flag, limit, metered };
char const* to_string(FeatureType type);

/// What a limit does to a downgrade when more is in use than the new plan allows (PRODUCT 2.12).
enum class OverLimitPolicy { block, freeze, release };
char const* to_string(OverLimitPolicy policy);

/// What a feature answers when its snapshot is older than the bound (PRODUCT 4.3).
enum class StalePolicy { open, closed, last_known };
char const* to_string(StalePolicy policy);

/// Whose place is given up first when a downgrade releases the excess.
enum class ReleaseOrder { oldest, least_recently_seen };
char const* to_string(ReleaseOrder order);

struct Feature {
    std::string code;
    std::string name;
    FeatureType type = FeatureType::flag;
    bool is_gauge = false;  // type limit only: allocate, release, set
    bool is_soft = false;   // goes first when a grace period ends (PRODUCT 2.10)
    OverLimitPolicy over_limit = OverLimitPolicy::freeze;
    StalePolicy when_stale = StalePolicy::last_known;
    bool is_device_limit = false;                       // a gauge of device bindings (PRODUCT 2.14)
    ReleaseOrder release_order = ReleaseOrder::oldest;  // which excess goes first, where over_limit is release
    std::string meter;  // type metered only: the meter whose sum is held against the allowance
    auto operator<=>(Feature const&) const = default;
};

/// One plan's (or add-on's) word on one feature. For a flag only is_enabled counts; for the others nullopt means
/// unlimited.
struct FeatureValue {
    bool is_enabled = false;
    std::optional<std::int64_t> limit;
    auto operator<=>(FeatureValue const&) const = default;
};

}  // namespace billhook::catalog
