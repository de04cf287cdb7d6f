#pragma once
// SubscriptionSchedule as Stripe describes it. Stripe drops what an update of the phases does not repeat, so a phase
// here keeps all that we must send again.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/period.h"
#include "gateway/stripe/metadata.h"

namespace billhook::stripe {

/// A discount that a phase or its item applies: exactly one of the three.
struct PhaseDiscount {
    std::string coupon_id;
    std::string discount_id;
    std::string promotion_code_id;
    bool operator==(PhaseDiscount const&) const = default;
};

struct PhaseItem {
    std::string price_id;
    std::string lookup_key;                // where the price was expanded
    std::optional<std::int64_t> quantity;  // absent for metered prices
    std::vector<PhaseDiscount> discounts;
    std::vector<std::string> tax_rate_ids;
    Metadata metadata;
    bool operator==(PhaseItem const&) const = default;
};

struct Phase {
    Period period;
    std::vector<PhaseItem> items;
    std::vector<PhaseDiscount> discounts;
    std::vector<std::string> default_tax_rate_ids;
    std::optional<Timestamp> trial_end;
    std::optional<bool> has_automatic_tax;
    std::string proration_behavior;
    std::string billing_cycle_anchor;  // automatic, phase_start; empty where not set
    std::string collection_method;
    std::string default_payment_method_id;
    std::string description;
    std::string currency;
    Metadata metadata;
    bool operator==(Phase const&) const = default;
};

struct SubscriptionSchedule {
    std::string id;
    std::string status;  // not_started, active, completed, released, canceled
    std::string customer_id;
    std::string subscription_id;           // empty once released
    std::string released_subscription_id;  // the one it was released from
    std::string end_behavior;              // release, cancel
    std::optional<Period> current_phase;
    std::vector<Phase> phases;
    std::optional<Timestamp> released_at;
    std::optional<Timestamp> completed_at;
    std::optional<Timestamp> canceled_at;
    std::string test_clock_id;
    Metadata metadata;
    Timestamp created;

    bool operator==(SubscriptionSchedule const&) const = default;

    /// The subscription it steers or steered.
    std::string const& subject_subscription() const {
        return subscription_id.empty() ? released_subscription_id : subscription_id;
    }
    Phase const* find_current_phase() const;
};

Result<SubscriptionSchedule> parse_subscription_schedule(Json const& tree);

}  // namespace billhook::stripe
