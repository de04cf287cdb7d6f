#include "sandbox/billing/change_plan.h"

#include <gtest/gtest.h>

#include <sstream>

namespace billhook::sandbox::change_plan_test {
namespace {

constexpr Interval monthly{IntervalUnit::month, 1}, yearly{IntervalUnit::year, 1};

Seconds at(std::string const& text) {
    return parse_rfc3339(text)->seconds();
}

std::string day(Seconds t) {
    return to_rfc3339(Timestamp::from_seconds(t)).substr(0, 10);
}

Span const january{at("2025-01-01"), at("2025-02-01")};

ItemTerms item(std::string price, std::int64_t amount, Interval interval = monthly, std::int64_t quantity = 1) {
    return {.id = "si", .price = std::move(price), .quantity = quantity, .amount = amount, .interval = interval};
}

/// In its first period of January, paid.
ItemTerms paid(ItemTerms terms) {
    terms.period = {january.start, next_boundary(january.start, terms.interval, january.start)};
    terms.debits = {{terms.amount, terms.period, terms.price, terms.quantity}};
    return terms;
}

ChangeTerms on(char const* date, ProrationBehavior proration = ProrationBehavior::create_prorations) {
    return {.proration = proration, .anchor = january.start, .now = at(date), .proration_date = at(date)};
}

std::string shown(ChangePlan const& plan) {
    std::ostringstream out;
    constexpr char const* kinds[] = {"credit", "debit", "whole", "trial"};
    for (auto const& line : plan.lines)
        out << kinds[static_cast<int>(line.kind)] << ' ' << line.amount << ' ' << line.price << ' '
            << day(line.span.start) << ".." << day(line.span.end) << "; ";
    for (auto const& period : plan.periods) out << '[' << day(period.start) << ".." << day(period.end) << "] ";
    out << (plan.invoices_now ? "now" : "later");
    return out.str();
}

struct Case {
    char const* name;
    std::vector<ItemTerms> before, after;
    ChangeTerms terms;
    char const* expected;
};

TEST(ChangePlan, flexible) {
    auto const none = ProrationBehavior::none, always = ProrationBehavior::always_invoice;
    auto const starter = paid(item("starter", 1500)), pro = item("pro", 4000), year = item("year", 15000, yearly);
    auto reset = on("2025-01-16");
    reset.resets_anchor = true;
    auto trial = on("2025-01-08");
    trial.is_in_trial = true;
    trial.trial_end = at("2025-01-15");
    auto trial_over = on("2025-01-08", none);
    trial_over.is_in_trial = true;
    auto new_trial = on("2025-01-16");
    new_trial.trial_end = at("2025-01-30");
    auto gift = item("starter", 0);
    gift.period = january;
    gift.discounts = {{"di_1", 1500}};
    ItemTerms const metered{.id = "si_m", .price = "calls", .interval = monthly, .is_metered = true, .period = january};
    auto seat = item("addon", 700);
    seat.id = "si_new";

    Case const cases[] = {
        {"nothing changes",
         {starter},
         {item("starter", 1500)},
         on("2025-01-16", always),
         "[2025-01-01..2025-02-01] later"},
        {"another price waits",
         {starter},
         {pro},
         on("2025-01-16"),
         "credit -774 starter 2025-01-16..2025-02-01; debit 2065 pro 2025-01-16..2025-02-01; "
         "[2025-01-01..2025-02-01] later"},
        {"without proration", {starter}, {pro}, on("2025-01-16", none), "[2025-01-01..2025-02-01] later"},
        {"an item joins",
         {starter},
         {item("starter", 1500), seat},
         on("2025-01-11", always),
         "debit 474 addon 2025-01-11..2025-02-01; [2025-01-01..2025-02-01] [2025-01-01..2025-02-01] now"},
        {"an item leaves", {starter}, {}, on("2025-01-16", always), "credit -774 starter 2025-01-16..2025-02-01; now"},
        {"month to year on the anchor",
         {starter},
         {year},
         on("2025-01-16"),
         "credit -774 starter 2025-01-16..2025-02-01; debit 14384 year 2025-01-16..2026-01-01; "
         "[2025-01-01..2026-01-01] now"},
        {"month to year without proration: the paid month runs out",
         {starter},
         {year},
         on("2025-01-16", none),
         "[2025-01-01..2025-02-01] later"},
        {"year to month",
         {paid(year)},
         {item("monthly", 1500)},
         on("2025-07-16"),
         "credit -6945 year 2025-07-16..2026-01-01; debit 774 monthly 2025-07-16..2025-08-01; "
         "[2025-07-01..2025-08-01] now"},
        {"anchor now",
         {starter},
         {year},
         reset,
         "credit -774 starter 2025-01-16..2025-02-01; whole 15000 year 2025-01-16..2026-01-16; "
         "[2025-01-16..2026-01-16] now"},
        {"free to paid begins a period",
         {paid(item("free", 0))},
         {starter},
         on("2025-01-16"),
         "whole 1500 starter 2025-01-16..2025-02-16; [2025-01-16..2025-02-16] now"},
        {"wholly discounted is not free",
         {gift},
         {pro},
         on("2025-01-16"),
         "debit 2065 pro 2025-01-16..2025-02-01; [2025-01-01..2025-02-01] later"},
        {"in a trial", {starter}, {pro}, trial, "[2025-01-01..2025-01-15] later"},
        {"the trial ends now",
         {starter},
         {pro},
         trial_over,
         "whole 4000 pro 2025-01-08..2025-02-08; [2025-01-08..2025-02-08] now"},
        {"a trial begins in paid time",
         {starter},
         {item("starter", 1500)},
         new_trial,
         "credit -774 starter 2025-01-16..2025-02-01; trial 0 starter 2025-01-16..2025-01-30; "
         "[2025-01-16..2025-01-30] now"},
        {"metered items cost nothing now",
         {starter, metered},
         {item("starter", 1500)},
         on("2025-01-16", always),
         "[2025-01-01..2025-02-01] later"},
    };
    for (auto const& c : cases) EXPECT_EQ(shown(plan_change(c.before, c.after, c.terms)), c.expected) << c.name;
}

TEST(ChangePlan, classic) {
    auto starter = paid(item("starter", 1500));
    starter.debits = {{750, january, "starter", 1}};  // half was taken off once; classic does not look
    auto terms = on("2025-01-16");
    terms.is_flexible = false;
    EXPECT_EQ(shown(plan_change({starter}, {item("pro", 4000)}, terms)),
              "credit -774 starter 2025-01-16..2025-02-01; debit 2065 pro 2025-01-16..2025-02-01; "
              "[2025-01-01..2025-02-01] later");
    EXPECT_EQ(shown(plan_change({starter}, {item("year", 15000, yearly)}, terms)),
              "credit -774 starter 2025-01-16..2025-02-01; whole 15000 year 2025-01-16..2026-01-16; "
              "[2025-01-16..2026-01-16] now");
}

TEST(ChangePlan, flexible_credits_are_shares_of_debits) {
    auto pro = paid(item("pro", 4000));
    Span const rest{at("2025-01-11"), january.end};
    pro.debits = {{2710, rest, "pro", 1}};
    auto const lines = credit_lines(pro, true, january.start, at("2025-01-21"));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].amount, -1420);
    EXPECT_EQ(lines[0].credited->amount, 2710);
    pro.debits = {{0, january, "pro", 1}};
    EXPECT_TRUE(credit_lines(pro, true, january.start, at("2025-01-21")).empty());
    // A proration date before the debit cannot give back more than was debited.
    pro.debits = {{2710, rest, "pro", 1}};
    EXPECT_EQ(credit_lines(pro, true, january.start, at("2025-01-05"))[0].amount, -2710);
}

}  // namespace
}  // namespace billhook::sandbox::change_plan_test
