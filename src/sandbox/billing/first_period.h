#pragma once
// When a new subscription starts, where its anchor lies, and what its first periods cost.

#include <optional>
#include <vector>

#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/items.h"

namespace billhook::sandbox {

struct FirstPeriod {
    Seconds start = 0;  // of the subscription; before `now` where it is backdated
    Seconds now = 0;
    Seconds anchor = 0;
    std::optional<Seconds> trial_end = {};
    bool is_stub_free = false;  // proration_behavior=none
    bool is_flexible = true;    // billing_mode
};

/// From trial_end, trial_period_days, trial_from_plan, billing_cycle_anchor(_config) and backdate_start_date.
Answer<FirstPeriod> plan_first_period(Call& call, JsonObject const& params, std::vector<BilledItem> const& items);

Span first_span(BilledItem const& item, FirstPeriod const& first);
/// Before discounts.
std::int64_t first_amount(BilledItem const& item, FirstPeriod const& first);
/// What a backdated start bills for the time before the running period, oldest first; nothing where there is none.
std::vector<NewLine> backdated_lines(Call& call, std::string const& subscription, BilledItem const& item,
                                     FirstPeriod const& first);
/// In classic mode one line bills the time gone by and the days up to an anchor ahead.
bool is_billed_with_the_past(FirstPeriod const& first);

}  // namespace billhook::sandbox
