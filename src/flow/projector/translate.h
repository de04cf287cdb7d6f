#pragma once
// Stripe's words into ours: the one place where stripe::Subscription meets subscription::Subscription. Pure.

#include <optional>
#include <string>

#include "domain/catalog/catalog.h"
#include "domain/invoice/invoice.h"
#include "domain/subscription/subscription.h"
#include "flow/price_book.h"
#include "gateway/stripe/objects.h"

namespace billhook::flow {

/// A price in the catalog's words.
struct PlanOfPrice {
    catalog::Plan const* plan = nullptr;
    IntervalUnit interval = IntervalUnit::month;
};

/// Which plan a Stripe price stands for: by its id in the price book, else by its lookup key in the catalog. `plan` is
/// null where it stands for none (an add-on, somebody else's price).
PlanOfPrice find_plan_of_price(catalog::Catalog const& catalog, PriceBook const& prices, std::string const& price_id,
                               std::string const& lookup_key);

struct PlanItem {
    stripe::SubscriptionItem const* item = nullptr;
    PlanOfPrice meaning;
};
/// The item that carries a plan of the line (of any line where that is empty), wherever it stands among the items.
std::optional<PlanItem> find_plan_item(catalog::Catalog const& catalog, PriceBook const& prices,
                                       stripe::Subscription const& from, std::string const& line);

/// All but identity, plan and interval. Errors: unavailable "stripe_answer_not_understood" for a status we do not know.
Result<subscription::Subscription> translate(stripe::Subscription const& from);
/// All but identity.
Result<invoice::Invoice> translate(stripe::Invoice const& from);

/// The next plan that a schedule brings, after its current phase.
struct PlannedChange {
    catalog::Plan const* plan = nullptr;
    IntervalUnit interval = IntervalUnit::month;
    std::int64_t quantity = 1;
    Timestamp effective_at;
};
std::optional<PlannedChange> find_planned_change(catalog::Catalog const& catalog, PriceBook const& prices,
                                                 stripe::SubscriptionSchedule const& schedule, std::string const& line);

}  // namespace billhook::flow
