#pragma once
// The check: may this customer do this now? Values in, values out; the same answer serves every door that gates.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "domain/entitlement/snapshot.h"

namespace billhook::entitlement {

/// Which plan would lift a refusal: the lowest of the same line, or of any line, that bears enough of the feature.
struct UpgradeHint {
    std::string_view line;
    std::string_view plan;
    bool operator==(UpgradeHint const&) const = default;
};

struct CheckRequest {
    std::string_view feature;
    std::int64_t amount = 1;  // how much more is wanted, in the feature's own unit; ≥ 0; flags ignore it
};

/// Its texts are those of the rights and of the catalog that it was made from, and live as long.
struct CheckAnswer {
    std::string_view feature;
    catalog::FeatureType type = catalog::FeatureType::flag;
    bool is_allowed = false;
    std::string_view reason;
    std::optional<std::int64_t> limit;      // nullopt = unlimited, or a flag
    std::optional<std::int64_t> used;       // gauges only
    std::optional<std::int64_t> remaining;  // nullopt = unlimited, or nothing is counted
    std::optional<Timestamp> resets_at;     // metered features only
    std::optional<UpgradeHint> upgrade;     // only with a refusal
    bool is_stale = false;
    bool operator==(CheckAnswer const&) const = default;
};

/// `used` is the gauge's present value, nullopt for what is not counted here. Unknown feature: not_found.
Result<CheckAnswer> check(Rights const& rights, catalog::Catalog const& catalog, CheckRequest const& request,
                          std::optional<std::int64_t> used);
/// The answer must not outlive the rights.
Result<CheckAnswer> check(Rights&& rights, catalog::Catalog const& catalog, CheckRequest const& request,
                          std::optional<std::int64_t> used) = delete;

/// The answer once the snapshot is older than the bound: each feature by its own policy, and is_stale says so.
CheckAnswer answer_stale(CheckAnswer known, catalog::StalePolicy policy);

/// The refusal as an error whose kind picks the status: flag forbidden, limit or gauge limit_reached, metered
/// quota_exhausted, payment payment_required.
Error refusal(CheckAnswer const& answer);

std::optional<UpgradeHint> find_upgrade(catalog::Catalog const& catalog, Rights const& rights, std::string_view feature,
                                        std::int64_t wanted);

}  // namespace billhook::entitlement
