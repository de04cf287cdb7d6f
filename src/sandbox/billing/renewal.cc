#include "sandbox/billing/renewal.h"

#include <algorithm>

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/subscription_invoice.h"
#include "sandbox/billing/usage.h"

namespace billhook::sandbox {
namespace {

void drop_expired_discounts(Call& call, std::string const& id, std::vector<BilledItem>& items, Seconds at) {
    auto const& present = *call.find("subscription", id);
    auto holding = holding_at(call, array_at(present, "discounts"), at);
    if (holding.size() != array_at(present, "discounts").size())
        call.edit("subscription", id)["discounts"] = std::move(holding);
    for (auto& item : items) item.discounts = holding_at(call, item.discounts, at);
}

/// The item's next period, ended early where the subscription is.
Span coming_period(JsonObject const& subscription, BilledItem const& item) {
    auto const anchor = int_at(subscription, "billing_cycle_anchor");
    auto period = following_period(anchor, *item.price.interval, item.period.end);
    if (auto const cancel_at = time_at(subscription, "cancel_at"); cancel_at && *cancel_at > period.start)
        period.end = std::min(period.end, *cancel_at);
    return period;
}

std::int64_t amount_for(JsonObject const& subscription, BilledItem const& item, Span period) {
    auto const anchor = int_at(subscription, "billing_cycle_anchor");
    return share_of(amount_of(item.price, item.quantity), period, whole_period(anchor, *item.price.interval, period));
}

}  // namespace

std::string renew_items(Call& call, std::string const& id, Seconds at) {
    auto items = load_items(call, id);
    std::erase_if(items, [&](BilledItem const& item) { return item.period.end > at; });
    if (items.empty()) return {};
    drop_expired_discounts(call, id, items, at);
    auto const& subscription = *call.find("subscription", id);
    bool const was_in_trial = time_at(subscription, "trial_end") == at;

    SubscriptionInvoice wanted{
        .subscription = id, .reason = "subscription_cycle", .period = shortest_period(items), .at = at};
    std::vector<BilledItem*> licensed;
    for (auto& item : items) {
        auto const ended = item.period;
        item.period = coming_period(subscription, item);
        item.debits.clear();
        if (item.price.is_metered) {
            if (!was_in_trial) wanted.lines.push_back(usage_line(call, id, item, ended));
            continue;
        }
        wanted.lines.push_back(item_line(call, id, item, item.period, amount_for(subscription, item, item.period)));
        licensed.push_back(&item);
    }
    // Licensed lines stand last, in the order of `licensed`.
    std::ranges::stable_partition(wanted.lines, [&](NewLine const& line) {
        return std::ranges::none_of(licensed, [&](auto const* item) { return item->id == line.subscription_item; });
    });
    auto const drafted = draft_subscription_invoice(call, wanted);
    auto const first = drafted.line_ids.size() - licensed.size();
    for (std::size_t i = 0; i < licensed.size(); ++i)
        licensed[i]->debits = {debit_of_line(call, drafted.line_ids[first + i])};
    for (auto const& item : items) {
        auto saved = item;
        // The draft may have used up a discount of the item.
        saved.discounts = array_at(*call.find("subscription_item", item.id), "discounts");
        saved.discounts = holding_at(call, saved.discounts, at);
        save_item(call, id, saved);
    }
    return drafted.id;
}

std::string draft_final_invoice(Call& call, std::string const& id, std::string_view reason) {
    auto const& subscription = *call.find("subscription", id);
    bool const is_in_trial = text_at(subscription, "status") == "trialing";
    auto const items = load_items(call, id);
    SubscriptionInvoice wanted{.subscription = id, .reason = reason, .period = shortest_period(items)};
    for (auto const& item : items) {
        if (!item.price.is_metered || is_in_trial) continue;
        auto line = usage_line(call, id, item, {item.period.start, std::min(call.now(), item.period.end)});
        if (line.amount > 0) wanted.lines.push_back(std::move(line));
    }
    bool const has_waiting = std::ranges::any_of(
        call.store().where("invoiceitem", "pending", text_at(subscription, "customer")), [&](auto const& entry) {
            auto const owner = text_at(entry.second->object, "parent.subscription_details.subscription");
            return owner.empty() || owner == id;
        });
    if (wanted.lines.empty() && !has_waiting) return {};
    return draft_subscription_invoice(call, wanted).id;
}

void hand_over_cycle_invoice(Call& call, std::string const& id, std::string const& invoice) {
    auto const& subscription = *call.find("subscription", id);
    bool const is_kept = text_at(subscription, "pause_collection.behavior") == "keep_as_draft";
    if (text_at(subscription, "status") == "unpaid" || is_kept)
        call.edit("invoice", invoice)["auto_advance"] = false;
    else
        schedule_finalization(call, invoice);
}

}  // namespace billhook::sandbox
