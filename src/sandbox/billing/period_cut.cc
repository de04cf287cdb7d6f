#include "sandbox/billing/period_cut.h"

#include <algorithm>

#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/subscription_update.h"

namespace billhook::sandbox {

Answer<void> cut_periods(Call& call, std::string const& id, ProrationBehavior proration) {
    auto const& subscription = *call.find("subscription", id);
    auto const status = text_at(subscription, "status");
    if (status == "incomplete" || status == "trialing" || bool_at(subscription, "cancel_at_period_end")) return {};
    auto const cancel_at = time_at(subscription, "cancel_at");
    auto const anchor = int_at(subscription, "billing_cycle_anchor");
    bool const is_flexible = text_at(subscription, "billing_mode.type") != "classic";
    auto items = load_items(call, id);
    auto const terms = item_terms(call, subscription, items, call.now());
    PlannedUpdate update{.subscription = id, .proration_date = call.now()};
    std::vector<BilledItem> changed;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& item = items[i];
        auto const whole_end = whole_period(anchor, *item.price.interval, item.period).end;
        auto const end = cancel_at ? std::min(whole_end, *cancel_at) : whole_end;
        if (end == item.period.end || end <= call.now()) continue;
        bool const prorates = proration != ProrationBehavior::none;
        if (end < item.period.end && prorates) {
            auto credits = credit_lines(terms[i], is_flexible, anchor, end);
            std::ranges::move(credits, std::back_inserter(update.plan.lines));
            for (auto& debit : item.debits) {
                auto const paid = share_of(debit.amount, {debit.span.start, end}, debit.span);
                debit.amount = paid;
                debit.span.end = end;
            }
        } else if (end > item.period.end && prorates && !item.price.is_metered) {
            Span const part{item.period.end, end};
            auto const whole = whole_period(anchor, *item.price.interval, {item.period.start, end});
            update.plan.lines.push_back(
                {LineKind::debit, item.id, item.price.id, item.quantity, share_of(terms[i].amount, part, whole), part});
        }
        item.period.end = end;
        changed.push_back(item);
    }
    auto const waiting = create_proration_items(call, id, update.plan.lines);
    for (auto& item : changed) {
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            auto const& line = update.plan.lines[i];
            if (line.kind == LineKind::debit && line.item == item.id)
                item.debits.push_back({line.amount, line.span, line.price, line.quantity, "", waiting[i]});
        }
        save_item(call, id, item);
    }
    return {};
}

}  // namespace billhook::sandbox
