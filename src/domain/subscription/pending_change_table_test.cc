#include "domain/subscription/pending_change_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "domain/subscription/sample_test.h"

namespace billhook::subscription::pending_change_table_test {
namespace {

constexpr int request_count = int(Request::withdraw) + 1;
constexpr int situation_count = int(Situation::cancel_scheduled) + 1;

std::vector<std::string> cells_of(std::string const& line) {
    std::vector<std::string> cells;
    std::size_t from = 1;
    for (auto bar = line.find('|', from); bar != std::string::npos; from = bar + 1, bar = line.find('|', from)) {
        auto cell = line.substr(from, bar - from);
        cell.erase(0, cell.find_first_not_of(' '));
        cell.erase(cell.find_last_not_of(' ') + 1);
        cells.push_back(cell);
    }
    return cells;
}

/// The rows of the decision's table by their first cell.
std::map<std::string, std::vector<std::string>> decision_rows() {
    // A test runs anywhere in the tree.
    auto root = std::filesystem::current_path();
    while (!exists(root / "docs/decisions") && root.has_relative_path()) root = root.parent_path();
    std::ifstream in(root / "docs/decisions/0010-pending-change-table.md");
    EXPECT_TRUE(in.is_open());
    std::map<std::string, std::vector<std::string>> rows;
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("| ")) {
            auto cells = cells_of(line);
            rows[cells.front()] = {cells.begin() + 1, cells.end()};
        }
    return rows;
}

TEST(PendingChangeTable, is_the_table_of_the_decision_cell_by_cell) {
    auto rows = decision_rows();
    for (int s = 0; s < situation_count; ++s) {
        auto row = rows[to_string(Situation(s))];
        ASSERT_EQ(row.size(), std::size_t(request_count)) << to_string(Situation(s));
        for (int r = 0; r < request_count; ++r)
            EXPECT_EQ(describe_cell(Situation(s), Request(r)), row[std::size_t(r)])
                << to_string(Situation(s)) << " × " << to_string(Request(r));
    }
}

std::string outcome(std::vector<Situation> const& situations, Request request) {
    auto ruling = rule(situations, request);
    if (!ruling) return "409 " + ruling.error().reason;
    if (ruling->verdict == Verdict::allow) return "allow";
    if (ruling->verdict == Verdict::already) return "already";
    std::string out = "replace";
    for (auto undo : ruling->undo) out += std::string(" ") + to_string(undo);
    return out;
}

TEST(PendingChangeTable, every_state_alone_rules_as_its_row_says) {
    for (int s = 0; s <= int(Situation::incomplete); ++s)
        for (int r = 0; r < request_count; ++r)
            EXPECT_EQ(outcome({Situation(s)}, Request(r)), describe_cell(Situation(s), Request(r)));
}

TEST(PendingChangeTable, situations_that_meet) {
    using enum Situation;
    struct Case {
        std::vector<Situation> situations;
        Request request;
        char const* outcome;
    };
    Case const cases[] = {
        {{active, cancel_scheduled}, Request::resume, "allow"},
        {{active, cancel_scheduled}, Request::cancel, "already"},
        {{active, cancel_scheduled}, Request::upgrade, "409 cancellation_scheduled"},
        {{active, cancel_scheduled}, Request::purchase, "409 line_already_held"},
        {{active, cancel_scheduled}, Request::withdraw, "already"},
        {{in_trial, cancel_scheduled}, Request::cancel_now, "allow"},
        {{active, change_scheduled}, Request::upgrade, "replace scheduled_change"},
        {{active, change_scheduled}, Request::change_at_period_end, "allow"},
        {{active, change_scheduled}, Request::quantity, "409 change_scheduled"},
        {{active, change_scheduled}, Request::cancel, "replace scheduled_change"},
        {{active, change_scheduled}, Request::withdraw, "allow"},
        {{active, change_scheduled}, Request::resume, "already"},
        {{past_due, change_scheduled}, Request::upgrade, "409 payment_overdue"},
        {{past_due, change_scheduled}, Request::cancel, "replace scheduled_change"},
        {{past_due, cancel_scheduled}, Request::resume, "allow"},
        {{unpaid, change_scheduled}, Request::change_at_period_end, "409 payment_overdue"},
        {{active, awaiting_payment}, Request::upgrade, "409 change_in_progress"},
        {{active, awaiting_payment}, Request::cancel, "replace unpaid_change"},
        {{active, awaiting_payment}, Request::withdraw, "replace unpaid_change"},
        {{active, awaiting_payment, change_scheduled}, Request::cancel, "replace unpaid_change scheduled_change"},
        {{active, awaiting_payment, cancel_scheduled}, Request::resume, "allow"},
        {{active, change_in_flight}, Request::cancel, "409 change_in_progress"},
        {{free, checkout_open}, Request::purchase, "replace checkout"},
        {{free, checkout_open}, Request::cancel, "409 no_subscription"},
        {{free, change_in_flight}, Request::purchase, "409 change_in_progress"},
    };
    for (auto const& c : cases)
        EXPECT_EQ(outcome(c.situations, c.request), c.outcome)
            << to_string(c.situations.front()) << " × " << to_string(c.request);
}

TEST(PendingChangeTable, every_refusal_says_what_to_do) {
    for (int s = 0; s < situation_count; ++s)
        for (int r = 0; r < request_count; ++r) {
            auto ruling = rule({Situation::active, Situation(s)}, Request(r));
            if (ruling) continue;
            EXPECT_EQ(ruling.error().kind, ErrorKind::conflict);
            EXPECT_FALSE(ruling.error().detail.empty());
        }
}

TEST(PendingChangeTable, situations_are_read_from_what_is_known) {
    using enum Situation;
    auto names = [](Standing const& standing) {
        std::string out;
        for (auto situation : situations_of(standing)) out += std::string(to_string(situation)) + " ";
        return out;
    };
    EXPECT_EQ(names(sample::standing()), "free ");
    struct Case {
        Status status;
        char const* expected;
    };
    Case const cases[] = {
        {Status::incomplete, "incomplete "}, {Status::incomplete_expired, "free "}, {Status::trialing, "in_trial "},
        {Status::active, "active "},         {Status::past_due, "past_due "},       {Status::unpaid, "unpaid "},
        {Status::canceled, "free "},         {Status::paused, "paused "},
    };
    for (auto const& c : cases) EXPECT_EQ(names(sample::standing(sample::subscription("pro", c.status))), c.expected);

    auto standing = sample::standing(sample::subscription());
    standing.scheduled = sample::scheduled();
    EXPECT_EQ(names(standing), "active change_scheduled ");
    standing.scheduled->status = ScheduledChangeStatus::done;
    EXPECT_EQ(names(standing), "active ");
    standing.held->cancel_at_period_end = true;
    EXPECT_EQ(names(standing), "active cancel_scheduled ");
    standing.held->cancel_at_period_end = false;
    standing.held->cancel_at = sample::now;
    EXPECT_EQ(names(standing), "active cancel_scheduled ");

    auto buying = sample::standing();
    buying.pending = sample::intent(IntentKind::purchase, "pro");
    EXPECT_EQ(names(buying), "free change_in_flight ");
    buying.pending->parameters["session"] = "cs_1";
    EXPECT_EQ(names(buying), "free checkout_open ");
    auto paying = sample::standing(sample::subscription());
    paying.pending = sample::intent(IntentKind::upgrade, "max");
    EXPECT_EQ(names(paying), "active change_in_flight ");
    paying.pending->parameters["awaiting_payment"] = "in_1";
    EXPECT_EQ(names(paying), "active awaiting_payment ");
}

}  // namespace
}  // namespace billhook::subscription::pending_change_table_test
