#include "sandbox/billing/subscription_change.h"

#include <algorithm>

#include "base/check.h"
#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/subscription_invoice.h"

namespace billhook::sandbox {
namespace {

Answer<void> apply_item(Call& call, JsonObject const& subscription, PlannedUpdate& update, ItemChange const& change,
                        Offer offer) {
    auto const id = text_at(subscription, "id");
    if (change.is_deleted) {
        std::erase_if(update.items, [&](BilledItem const& item) { return item.id == change.id; });
        update.removed.push_back(change.id);
        return {};
    }
    auto at = std::ranges::find(update.items, change.id, &BilledItem::id);
    if (at == update.items.end()) {
        update.items.push_back({.id = call.new_id("si_")});
        at = std::prev(update.items.end());
    }
    if (!change.price.empty() && change.price != at->price.id)
        at->price =
            TRY(need_recurring_price(call, change.price, text_at(subscription, "currency"), change.param, offer));
    if (change.quantity) at->quantity = *change.quantity;
    if (at->price.is_metered && change.quantity)
        return refuse(
            bad_request("Quantity should not be specified where usage_type is `metered`. Remove quantity "
                        "from `" +
                            change.param + "`",
                        change.param + "[quantity]"));
    if (change.sets_discounts)
        at->discounts = TRY(redeem_discounts(
            call, &change.discounts,
            {.customer = text_at(subscription, "customer"), .subscription = id, .item = at->id, .offer = offer},
            change.param + "[discounts]"));
    if (change.tax_rates) at->tax_rates = *change.tax_rates;
    if (!change.metadata.empty()) {
        JsonObject holder{{"metadata", at->metadata}};
        merge_metadata(holder, change.metadata);
        at->metadata = holder.at("metadata").as_object();
    }
    return {};
}

Answer<void> check_items(PlannedUpdate const& update, bool is_flexible) {
    if (update.items.empty())
        return refuse(
            bad_request("A subscription must have at least one active plan. Cancel the subscription to "
                        "remove its last item.",
                        "items"));
    if (update.items.size() > items_max)
        return refuse(bad_request("A subscription can have at most 20 items.", "items"));
    for (auto const& item : update.items) {
        if (std::ranges::count(update.items, item.price.id, [](BilledItem const& other) { return other.price.id; }) > 1)
            return refuse(
                bad_request("Cannot add multiple subscription items with the same plan: " + item.price.id, "items"));
        if (!is_flexible && item.price.interval != update.items.front().price.interval)
            return refuse(
                bad_request("If multiple prices are specified, they must all have the same interval. Use "
                            "billing_mode[type]=flexible for mixed intervals.",
                            "items"));
    }
    return {};
}

Answer<Seconds> proration_date_of(Call& call, SubscriptionChange const& change, std::vector<BilledItem> const& before) {
    if (!change.proration_date) return call.now();
    auto const period = shortest_period(before);
    if (*change.proration_date < period.start || *change.proration_date > period.end)
        return refuse(
            bad_request("Cannot specify `proration_date` outside of current subscription period.", "proration_date"));
    return *change.proration_date;
}

BilledItem const& item_of(PlannedUpdate const& update, std::string const& id) {
    auto const at = std::ranges::find(update.items, id, &BilledItem::id);
    CHECK(at != update.items.end());
    return *at;
}

/// The debits of the items after the plan: the new ones where it has any, none where it only credits.
void move_debits(PlannedUpdate& update, std::vector<std::string> const& invoice_items) {
    for (auto& item : update.items)
        for (auto const& line : update.plan.lines)
            if (line.item == item.id) item.debits.clear();
    for (std::size_t i = 0; i < update.plan.lines.size(); ++i) {
        auto const& line = update.plan.lines[i];
        if (line.kind != LineKind::debit) continue;
        auto const at = std::ranges::find(update.items, line.item, &BilledItem::id);
        at->debits.push_back({.amount = line.amount,
                              .span = line.span,
                              .price = line.price,
                              .quantity = line.quantity,
                              .invoice_item = invoice_items[i],
                              .discounts = line.discounts});
    }
}

}  // namespace

Answer<PlannedUpdate> plan_update(Call& call, std::string const& id, SubscriptionChange const& change) {
    auto const& subscription = *call.find("subscription", id);
    bool const is_flexible = text_at(subscription, "billing_mode.type") != "classic";
    bool const is_in_trial = text_at(subscription, "status") == "trialing";
    auto const before = load_items(call, id);
    PlannedUpdate update{
        .subscription = id, .items = before, .discounts = change.discounts, .one_off_items = change.one_off_items};
    for (auto const& item : change.items) TRY_VOID(apply_item(call, subscription, update, item, change.offer));
    TRY_VOID(check_items(update, is_flexible));
    update.proration_date = TRY(proration_date_of(call, change, before));
    // Ending a trial that is not there changes nothing.
    update.ends_trial = change.ends_trial && is_in_trial;
    if (change.trial_end)
        update.trial_end = change.trial_end;
    else if (is_in_trial && !update.ends_trial && !change.resets_anchor)
        update.trial_end = time_at(subscription, "trial_end");

    JsonObject discounted = {{"currency", subscription.at("currency")}, {"discounts", subscription.at("discounts")}};
    auto const old_terms = item_terms(call, discounted, before, call.now());
    if (change.discounts) discounted["discounts"] = *change.discounts;
    auto const new_terms = item_terms(call, discounted, update.items, call.now());
    update.plan = plan_change(old_terms, new_terms,
                              {.is_flexible = is_flexible,
                               .proration = change.proration,
                               .anchor = int_at(subscription, "billing_cycle_anchor"),
                               .now = call.now(),
                               .proration_date = update.proration_date,
                               .resets_anchor = change.resets_anchor,
                               .waits_for_renewal = change.waits_for_renewal,
                               .is_in_trial = is_in_trial,
                               .trial_end = update.trial_end});
    for (std::size_t i = 0; i < update.items.size(); ++i) update.items[i].period = update.plan.periods[i];
    return update;
}

std::string bill_update(Call& call, PlannedUpdate& update, std::string_view reason, bool takes_pending) {
    auto const items = create_proration_items(call, update.subscription, update.plan.lines);
    move_debits(update, items);
    if (!update.plan.invoices_now) return {};
    SubscriptionInvoice wanted{
        .subscription = update.subscription, .reason = reason, .pending_items = update.one_off_items};
    for (auto const& item : items)
        if (!item.empty()) wanted.pending_items.push_back(item);
    wanted.takes_all_pending = takes_pending;
    wanted.proration_date = update.proration_date;
    wanted.discounts = update.discounts;
    std::vector<std::string> owners;  // of the lines
    for (auto const& line : update.plan.lines) {
        if (line.kind != LineKind::trial && line.kind != LineKind::whole) continue;
        auto const& item = item_of(update, line.item);
        if (line.kind == LineKind::trial)
            wanted.lines.push_back(trial_line(call, update.subscription, item, line.span));
        else
            wanted.lines.push_back(
                item_line(call, update.subscription, item, line.span, amount_of(item.price, item.quantity)));
        owners.push_back(line.item);
    }
    auto const lines = draft_subscription_invoice(call, wanted);
    for (std::size_t i = 0; i < owners.size(); ++i)
        std::ranges::find(update.items, owners[i], &BilledItem::id)->debits = {debit_of_line(call, lines.line_ids[i])};
    return lines.id;
}

void commit_update(Call& call, PlannedUpdate const& update) {
    for (auto const& id : update.removed) call.remove("subscription_item", id);
    for (auto const& item : update.items) save_item(call, update.subscription, item);
    auto& subscription = call.edit("subscription", update.subscription);
    subscription["billing_cycle_anchor"] = update.plan.anchor;
    if (update.discounts) subscription["discounts"] = *update.discounts;
    if (!update.metadata.empty()) merge_metadata(subscription, update.metadata);
    if (update.ends_trial) {
        subscription["trial_end"] = call.now();
        if (text_at(subscription, "status") == "trialing") subscription["status"] = "active";
    } else if (update.trial_end && text_at(subscription, "status") != "trialing") {
        subscription["trial_start"] = call.now();
        subscription["trial_end"] = *update.trial_end;
        subscription["status"] = "trialing";
    } else if (update.trial_end) {
        subscription["trial_end"] = *update.trial_end;
    }
    if (bool_at(subscription, "cancel_at_period_end")) subscription["cancel_at"] = shortest_period(update.items).end;
}

JsonObject to_json(PlannedUpdate const& update) {
    JsonArray items, removed;
    for (auto const& item : update.items)
        items.push_back(JsonObject{{"id", item.id},
                                   {"price", item.price.id},
                                   {"quantity", item.quantity},
                                   {"current_period_start", item.period.start},
                                   {"current_period_end", item.period.end},
                                   {"discounts", item.discounts},
                                   {"metadata", item.metadata},
                                   {"tax_rates", item.tax_rates},
                                   {"sandbox_debits", debits_as_json(item.debits)}});
    for (auto const& id : update.removed) removed.push_back(Json(id));
    return {{"subscription", update.subscription},
            {"items", std::move(items)},
            {"removed", std::move(removed)},
            {"anchor", update.plan.anchor},
            {"ends_trial", update.ends_trial},
            {"trial_end", or_null(update.trial_end)},
            {"discounts", update.discounts ? Json(*update.discounts) : Json(nullptr)},
            {"metadata", update.metadata}};
}

PlannedUpdate planned_update_from(Call& call, JsonObject const& kept) {
    PlannedUpdate update{.subscription = text_at(kept, "subscription"),
                         .ends_trial = bool_at(kept, "ends_trial"),
                         .trial_end = time_at(kept, "trial_end")};
    auto const currency = text_at(*call.find("subscription", update.subscription), "currency");
    for (auto const& item : array_at(kept, "items"))
        update.items.push_back(load_item(call, item.as_object(), currency));
    for (auto const& id : array_at(kept, "removed")) update.removed.emplace_back(as_view(id.as_string()));
    update.plan.anchor = int_at(kept, "anchor");
    if (auto const* discounts = find(kept, "discounts"); discounts && discounts->is_array())
        update.discounts = discounts->get_array();
    update.metadata = find(kept, "metadata")->as_object();
    return update;
}

}  // namespace billhook::sandbox
