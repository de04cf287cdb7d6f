#pragma once
// The sentences on invoice lines, as Stripe writes them.

#include <string>

#include "sandbox/billing/change_plan.h"
#include "sandbox/billing/price_terms.h"

namespace billhook::sandbox {

struct SoldThing {
    std::string product_name;
    std::string unit_label;
};

/// "3 seat × Product (at <amount> / month)"
std::string purchase_text(SoldThing const& thing, PriceTerms const& price, std::int64_t quantity);
/// "Unused time on 3 × Product after 10 Nov 2025"
std::string proration_text(SoldThing const& thing, LineKind kind, std::int64_t quantity, Seconds from);
/// "Free trial for 1 × Product"
std::string trial_text(SoldThing const& thing, std::int64_t quantity);

}  // namespace billhook::sandbox
