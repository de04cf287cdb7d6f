#pragma once
// A change of a subscription's items, anchor, trial or discounts, in three steps that updates, previews, schedules and
// pending updates combine: plan it, bill it, write it down.

#include <optional>
#include <string>
#include <vector>

#include "sandbox/billing/change_plan.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/offer.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

struct ItemChange {
    std::string id = {};     // empty: a new item
    std::string price = {};  // empty: as it is
    std::optional<std::int64_t> quantity = {};
    bool is_deleted = false;
    Json discounts = {};  // as given; undefined (null) leaves them
    bool sets_discounts = false;
    JsonObject metadata = {};  // {"metadata": …} as given, or empty
    std::optional<JsonArray> tax_rates = {};
    std::string param = {};  // how errors call it: "items[0]"
};

struct SubscriptionChange {
    std::vector<ItemChange> items = {};
    ProrationBehavior proration = ProrationBehavior::create_prorations;
    std::optional<Seconds> proration_date = {};
    bool resets_anchor = false;
    bool waits_for_renewal = false;  // made at the period's end, by a schedule
    bool ends_trial = false;
    std::optional<Seconds> trial_end = {};
    std::optional<JsonArray> discounts = {};      // ids of the subscription's discounts from now on
    Offer offer = Offer::on_sale_now;             // of the items' prices
    std::vector<std::string> one_off_items = {};  // invoice items that were added with the change
};

struct PlannedUpdate {
    std::string subscription;
    std::vector<BilledItem> items;  // as they will be
    std::vector<std::string> removed;
    ChangePlan plan;
    Seconds proration_date = 0;
    bool ends_trial = false;
    std::optional<Seconds> trial_end = {};
    std::optional<JsonArray> discounts = {};
    JsonObject metadata = {};  // {"metadata": …} as given, or empty
    std::vector<std::string> one_off_items = {};
};

ProrationBehavior read_proration_behavior(JsonObject const& params);
/// From the parameters that update and create_preview share; `where` is put before parameter names in errors.
Answer<SubscriptionChange> read_change(Call& call, std::string const& subscription, JsonObject const& given,
                                       std::string const& where = {});
/// The price of an item parameter: `price`, `plan`, or one made from `price_data`. Empty where none is given.
Answer<std::string> read_item_price(Call& call, JsonObject const& item, std::string const& param);
/// Whether a price can be subscribed to in this currency (empty: its own).
Answer<PriceTerms> need_recurring_price(Call& call, std::string const& price, std::string const& currency,
                                        std::string const& param, Offer offer = Offer::on_sale_now);

Answer<PlannedUpdate> plan_update(Call& call, std::string const& subscription, SubscriptionChange const& change);
/// Makes the plan's lines into invoice items, and into a draft where the plan is invoiced at once. The draft's id, or
/// empty. `takes_pending`: the draft carries whatever else waits, too.
std::string bill_update(Call& call, PlannedUpdate& update, std::string_view reason, bool takes_pending);
/// Writes items, anchor, trial and discounts; sends no event.
void commit_update(Call& call, PlannedUpdate const& update);

/// A planned update as it is kept while its payment is awaited.
JsonObject to_json(PlannedUpdate const& update);
PlannedUpdate planned_update_from(Call& call, JsonObject const& kept);

}  // namespace billhook::sandbox
