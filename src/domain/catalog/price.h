#pragma once
// Price: what a plan or add-on costs per interval, in every currency. After `catalog apply` Stripe's price is the
// truth.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/calendar.h"

namespace billhook::catalog {

struct Price {
    std::string lookup_key;                       // e.g. "tier_starter_month"
    IntervalUnit interval = IntervalUnit::month;  // month or year
    std::map<std::string, std::int64_t> amounts;  // minor units by lower-case currency code
    std::optional<std::string> stripe_price_id;   // given through ${VAR}; then Stripe's price is used as it is
    auto operator<=>(Price const&) const = default;
};

}  // namespace billhook::catalog
