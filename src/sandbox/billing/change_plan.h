#pragma once
// What a change of a subscription costs: from its items before and after, the credit, debit and whole lines, the new
// periods, and whether it is invoiced at once. Pure: it knows no objects and no clock.
// Source: Stripe, "Prorations"; "Compare classic and flexible billing mode"; tests/money is the judge.

#include <optional>
#include <string>
#include <vector>

#include "sandbox/billing/period.h"

namespace billhook::sandbox {

enum class ProrationBehavior { create_prorations, always_invoice, none };

/// What one discount takes off an amount.
struct DiscountShare {
    std::string discount;
    std::int64_t amount = 0;
};

/// A line that paid, or will pay, for running time of an item. Flexible credits are shares of it.
struct Debit {
    std::int64_t amount = 0;  // net of discounts
    Span span;
    std::string price;
    std::int64_t quantity = 1;
    std::string line = {};  // where it stands: an invoice line, or the invoice item that became one
    std::string invoice_item = {};
    std::vector<DiscountShare> discounts = {};  // what `amount` is net of
};

struct ItemTerms {
    std::string id;
    std::string price;
    std::int64_t quantity = 1;
    std::int64_t amount = 0;  // of a whole period, net of the standing discounts
    Interval interval;
    bool is_metered = false;
    Span period = {};                           // current; of a new item: not yet known
    std::vector<Debit> debits = {};             // of the running time
    std::vector<DiscountShare> discounts = {};  // what `amount` is net of
};

struct ChangeTerms {
    bool is_flexible = true;
    ProrationBehavior proration = ProrationBehavior::create_prorations;
    Seconds anchor = 0;
    Seconds now = 0;
    Seconds proration_date = 0;
    bool resets_anchor = false;             // billing_cycle_anchor = now
    bool waits_for_renewal = false;         // the period is just over: the renewal that follows bills the change
    bool is_in_trial = false;               // before the change
    std::optional<Seconds> trial_end = {};  // after the change, where there is then a trial
};

enum class LineKind { credit, debit, whole, trial };

struct PlannedLine {
    LineKind kind = LineKind::whole;
    std::string item;
    std::string price;
    std::int64_t quantity = 1;
    std::int64_t amount = 0;
    Span span;
    std::optional<Debit> credited = {};
    std::vector<DiscountShare> discounts = {};  // what `amount` is net of; negative on a credit
};

struct ChangePlan {
    std::vector<PlannedLine> lines;
    std::vector<Span> periods;  // of the items after the change, in their order
    Seconds anchor = 0;
    bool invoices_now = false;
};

std::int64_t share_of(std::int64_t amount, Span part, Span whole);

/// Credits for an item's time from `from` on. Nothing for a metered item, and in flexible mode nothing for what was
/// never debited.
std::vector<PlannedLine> credit_lines(ItemTerms const& item, bool is_flexible, Seconds anchor, Seconds from);

ChangePlan plan_change(std::vector<ItemTerms> const& before, std::vector<ItemTerms> const& after,
                       ChangeTerms const& terms);

}  // namespace billhook::sandbox
