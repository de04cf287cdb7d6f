#include "sandbox/billing/period.h"

#include <gtest/gtest.h>

namespace billhook::sandbox::period_test {
namespace {

Seconds at(char const* text) {
    return parse_rfc3339(text)->seconds();
}

constexpr Interval monthly{IntervalUnit::month, 1}, quarterly{IntervalUnit::month, 3}, yearly{IntervalUnit::year, 1},
    weekly{IntervalUnit::week, 1};

struct BoundaryCase {
    char const* name;
    char const* anchor;
    Interval interval;
    char const* from;
    char const* next;
};

TEST(Period, boundaries_are_laid_out_from_the_anchor) {
    BoundaryCase const cases[] = {
        {"31st to a short month", "2025-01-31", monthly, "2025-01-31", "2025-02-28"},
        {"and back to the 31st", "2025-01-31", monthly, "2025-02-28", "2025-03-31"},
        {"30th after February", "2025-01-30", monthly, "2025-02-28", "2025-03-30"},
        {"leap February", "2024-01-31", monthly, "2024-02-29", "2024-03-31"},
        {"quarters from the 30th", "2024-11-30", quarterly, "2025-02-28", "2025-05-30"},
        {"leap day, common year", "2024-02-29", yearly, "2024-02-29", "2025-02-28"},
        {"leap day comes back", "2024-02-29", yearly, "2027-02-28", "2028-02-29"},
        {"weeks", "2025-02-20", weekly, "2025-02-27", "2025-03-06"},
        {"a year from the third month of a monthly anchor", "2025-01-31", yearly, "2025-03-31", "2026-03-31"},
        {"a year from a short month keeps the anchor's day", "2023-01-31", yearly, "2023-02-28", "2024-02-29"},
        {"off the grid", "2025-01-31", monthly, "2025-02-10", "2025-03-10"},
        {"before the anchor", "2025-02-01", monthly, "2025-01-01", "2025-02-01"},
    };
    for (auto const& c : cases) EXPECT_EQ(next_boundary(at(c.anchor), c.interval, at(c.from)), at(c.next)) << c.name;
}

TEST(Period, an_interval_change_stays_around_the_moment) {
    auto const anchor = at("2025-01-01");
    EXPECT_EQ(period_from(anchor, yearly, at("2025-01-01"), at("2025-01-16")), (Span{anchor, at("2026-01-01")}));
    EXPECT_EQ(period_from(anchor, monthly, at("2025-01-01"), at("2025-07-16")),
              (Span{at("2025-07-01"), at("2025-08-01")}));
}

TEST(Period, a_stub_reaches_to_the_anchor) {
    EXPECT_EQ(first_period(at("2025-02-01"), monthly, at("2025-01-10")), (Span{at("2025-01-10"), at("2025-02-01")}));
    EXPECT_EQ(first_period(at("2025-01-10"), monthly, at("2025-01-10")), (Span{at("2025-01-10"), at("2025-02-10")}));
    EXPECT_EQ(first_period(at("2026-01-01"), yearly, at("2025-07-01")), (Span{at("2025-07-01"), at("2026-01-01")}));
}

TEST(Period, the_whole_of_a_stub_a_cut_and_an_ordinary_period) {
    auto const anchor = at("2025-02-01");
    Span const stub{at("2025-01-10"), anchor};
    EXPECT_EQ(whole_period(anchor, monthly, stub), (Span{at("2025-01-01"), anchor}));
    Span const cut{at("2025-02-01"), at("2025-02-10")};
    EXPECT_EQ(whole_period(anchor, monthly, cut), (Span{at("2025-02-01"), at("2025-03-01")}));
    Span const ordinary{at("2025-02-28"), at("2025-03-31")};
    EXPECT_EQ(whole_period(at("2025-01-31"), monthly, ordinary), ordinary);
    Span const year_from_a_later_month{at("2025-03-01"), at("2026-03-01")};
    EXPECT_EQ(whole_period(at("2025-01-01"), yearly, year_from_a_later_month), year_from_a_later_month);
}

}  // namespace
}  // namespace billhook::sandbox::period_test
