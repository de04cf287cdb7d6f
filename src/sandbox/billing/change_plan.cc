#include "sandbox/billing/change_plan.h"

#include <algorithm>

#include "base/money.h"

namespace billhook::sandbox {
namespace {

ItemTerms const* find_item(std::vector<ItemTerms> const& items, std::string const& id) {
    auto const at = std::ranges::find(items, id, &ItemTerms::id);
    return at == items.end() ? nullptr : &*at;
}

bool is_same_purchase(ItemTerms const& a, ItemTerms const& b) {
    return a.price == b.price && a.quantity == b.quantity;
}

/// Nothing of it would cost anything, whatever was used; a discount does not make a purchase free.
bool is_free(std::vector<ItemTerms> const& items) {
    return std::ranges::all_of(items, [](ItemTerms const& item) {
        return !item.is_metered && item.amount == 0 &&
               std::ranges::all_of(item.discounts, [](DiscountShare const& share) { return share.amount == 0; });
    });
}

bool changes_interval(std::vector<ItemTerms> const& before, std::vector<ItemTerms> const& after) {
    if (before.empty()) return false;
    return std::ranges::any_of(after, [&](ItemTerms const& item) {
        auto const* old = find_item(before, item.id);
        return item.interval != (old ? *old : before.front()).interval;
    });
}

/// The same share of each discount of `net`; together they are what the share of the gross amount is more.
std::vector<DiscountShare> discount_shares(std::vector<DiscountShare> const& taken, std::int64_t net, Span part,
                                           Span whole) {
    std::vector<DiscountShare> shares;
    auto gross = net;
    for (auto const& each : taken) gross += each.amount;
    auto left = share_of(gross, part, whole) - share_of(net, part, whole);
    for (auto const& each : taken) {
        bool const is_last = shares.size() + 1 == taken.size();
        shares.push_back({each.discount, is_last ? left : share_of(each.amount, part, whole)});
        left -= shares.back().amount;
    }
    return shares;
}

class Planner {
  public:
    Planner(std::vector<ItemTerms> const& before, std::vector<ItemTerms> const& after, ChangeTerms const& terms)
        : before_(before), after_(after), terms_(terms) {
        plan_.anchor = terms.anchor;
    }

    ChangePlan run() {
        if (terms_.trial_end) return in_trial();
        if (terms_.waits_for_renewal) return at_boundary();
        bool const ends_trial = terms_.is_in_trial;
        if (ends_trial || moves_anchor()) return from_now();
        for (auto const& item : before_)
            if (!find_item(after_, item.id)) credit(item);
        bool has_moved_period = false;
        for (auto const& item : after_) has_moved_period |= keep_anchor(item);
        bool const has_lines = !plan_.lines.empty();
        plan_.invoices_now = has_lines && (has_moved_period || terms_.proration == ProrationBehavior::always_invoice);
        return std::move(plan_);
    }

  private:
    bool moves_anchor() const {
        bool const begins_to_cost = !before_.empty() && is_free(before_) && !is_free(after_);
        return terms_.resets_anchor || begins_to_cost || (!terms_.is_flexible && changes_interval(before_, after_));
    }

    bool prorates() const { return terms_.proration != ProrationBehavior::none; }

    void credit(ItemTerms const& item) {
        if (!prorates() || terms_.is_in_trial) return;
        auto lines = credit_lines(item, terms_.is_flexible, terms_.anchor, terms_.proration_date);
        std::ranges::move(lines, std::back_inserter(plan_.lines));
    }

    void debit(ItemTerms const& item, Span period) {
        if (!prorates() || item.is_metered) return;
        Span const part{std::max(terms_.proration_date, period.start), period.end};
        if (part.length() <= 0) return;
        auto const whole = whole_period(terms_.anchor, item.interval, period);
        plan_.lines.push_back(
            {LineKind::debit, item.id, item.price, item.quantity, share_of(item.amount, part, whole), part});
        plan_.lines.back().discounts = discount_shares(item.discounts, item.amount, part, whole);
    }

    // A trial that goes on, is extended, or begins in the middle of paid time.
    ChangePlan in_trial() {
        for (auto const& item : before_) credit(item);
        for (auto const& item : after_) {
            auto const* old = find_item(before_, item.id);
            auto const* sibling = before_.empty() ? nullptr : &before_.front();
            auto const start = terms_.is_in_trial && sibling ? (old ? old : sibling)->period.start : terms_.now;
            plan_.periods.push_back({start, *terms_.trial_end});
            if (!terms_.is_in_trial)
                plan_.lines.push_back({LineKind::trial, item.id, item.price, item.quantity, 0, plan_.periods.back()});
        }
        plan_.anchor = *terms_.trial_end;
        plan_.invoices_now = !terms_.is_in_trial;
        return std::move(plan_);
    }

    ChangePlan at_boundary() {
        for (auto const& item : after_) {
            auto const* old = find_item(before_, item.id);
            plan_.periods.push_back(old ? old->period : before_.front().period);
        }
        if (moves_anchor()) plan_.anchor = terms_.now;
        return std::move(plan_);
    }

    // The anchor moves to this moment: what is left is credited, and whole periods begin.
    ChangePlan from_now() {
        for (auto const& item : before_) credit(item);
        plan_.anchor = terms_.now;
        for (auto const& item : after_) {
            plan_.periods.push_back({terms_.now, add_intervals(terms_.now, item.interval, 1)});
            if (!item.is_metered)
                plan_.lines.push_back(
                    {LineKind::whole, item.id, item.price, item.quantity, item.amount, plan_.periods.back()});
        }
        plan_.invoices_now = true;
        return std::move(plan_);
    }

    /// Whether the item's period has moved.
    bool keep_anchor(ItemTerms const& item) {
        auto const* old = find_item(before_, item.id);
        if (old && is_same_purchase(*old, item)) {
            plan_.periods.push_back(old->period);
            return false;
        }
        if (old && old->interval == item.interval) {
            plan_.periods.push_back(old->period);
            credit(*old);
            debit(item, old->period);
            return false;
        }
        if (!old) {
            plan_.periods.push_back(period_of_new(item));
            debit(item, plan_.periods.back());
            return false;
        }
        // Another interval on the same anchor. Without proration the time already billed runs out first.
        if (!prorates()) {
            plan_.periods.push_back(old->period);
            return false;
        }
        plan_.periods.push_back(period_from(terms_.anchor, item.interval, old->period.start, terms_.proration_date));
        credit(*old);
        debit(item, plan_.periods.back());
        return true;
    }

    Span period_of_new(ItemTerms const& item) const {
        auto const same = std::ranges::find(before_, item.interval, &ItemTerms::interval);
        if (same != before_.end()) return same->period;
        if (before_.empty()) return {terms_.now, next_boundary(terms_.anchor, item.interval, terms_.now)};
        auto const latest = std::ranges::max(before_, {}, [](ItemTerms const& other) { return other.period.start; });
        return period_from(terms_.anchor, item.interval, latest.period.start, terms_.proration_date);
    }

    std::vector<ItemTerms> const& before_;
    std::vector<ItemTerms> const& after_;
    ChangeTerms const& terms_;
    ChangePlan plan_;
};

}  // namespace

std::int64_t share_of(std::int64_t amount, Span part, Span whole) {
    if (whole.length() <= 0) return 0;
    return multiply_ratio(amount, part.length(), whole.length());
}

std::vector<PlannedLine> credit_lines(ItemTerms const& item, bool is_flexible, Seconds anchor, Seconds from) {
    std::vector<PlannedLine> lines;
    if (item.is_metered) return lines;
    if (!is_flexible) {
        Span const part{std::max(from, item.period.start), item.period.end};
        if (part.length() <= 0) return lines;
        auto const amount = -share_of(item.amount, part, whole_period(anchor, item.interval, item.period));
        auto const credited = item.debits.empty() ? std::nullopt : std::optional(item.debits.back());
        lines.push_back({LineKind::credit, item.id, item.price, item.quantity, amount, part, credited});
        return lines;
    }
    for (auto const& debit : item.debits) {
        Span const part{std::max(from, debit.span.start), debit.span.end};
        if (part.length() <= 0 || debit.amount == 0) continue;
        lines.push_back({LineKind::credit, item.id, debit.price, debit.quantity,
                         -share_of(debit.amount, part, debit.span), part, debit});
        lines.back().discounts = discount_shares(debit.discounts, debit.amount, part, debit.span);
        for (auto& share : lines.back().discounts) share.amount = -share.amount;
    }
    return lines;
}

ChangePlan plan_change(std::vector<ItemTerms> const& before, std::vector<ItemTerms> const& after,
                       ChangeTerms const& terms) {
    return Planner(before, after, terms).run();
}

}  // namespace billhook::sandbox
