#include "flow/entitlement/snapshot_table.h"

#include <gtest/gtest.h>

namespace billhook::flow::snapshot_table_test {
namespace {

using entitlement::Rights;

std::shared_ptr<Rights const> rights_with(std::vector<std::string> const& lines) {
    Rights rights;
    for (auto const& line : lines) rights.lines[line] = {.plan = line + "_plan"};
    return std::make_shared<Rights const>(std::move(rights));
}

TEST(SnapshotTable, GivesBackWhatWasPut) {
    SnapshotTable table;
    CustomerId const acme{"acme"};
    EXPECT_FALSE(table.find(acme));
    auto const rights = rights_with({"a", "b", "c", "d"});
    table.put(acme, {rights, {{1}, {2}, {3}, {4}}, {100}, Timestamp{900}}, 1);
    auto const entry = table.find(acme);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->rights, rights);
    EXPECT_EQ(entry->as_of, Timestamp{100});
    EXPECT_EQ(entry->valid_until, Timestamp{900});
    for (std::size_t line = 0; line < 4; ++line)
        EXPECT_EQ(entry->period_end(line).ms, static_cast<std::int64_t>(line) + 1);
    EXPECT_EQ(table.size(), 1u);
    EXPECT_FALSE(table.find(CustomerId{"acm"}));
}

TEST(SnapshotTable, OlderNewsNeverReplaceNewer) {
    SnapshotTable table;
    CustomerId const acme{"acme"};
    auto const one = rights_with({"a"}), two = rights_with({"a", "b"});
    struct {
        char const* name;
        std::int64_t version;
        std::int64_t as_of;
        bool replaces;
    } const cases[] = {
        {"an older version", 4, 200, false},
        {"the same version, derived earlier", 5, 99, false},
        {"the same version, derived at the same moment", 5, 100, true},
        {"the same version, derived later", 5, 101, true},
        {"a newer version, whatever the clock says", 6, 1, true},
    };
    for (auto const& c : cases) {
        table.clear();
        table.put(acme, {one, {{1}}, {100}, Timestamp{900}}, 5);
        table.put(acme, {two, {{1}, {2}}, {c.as_of}, std::nullopt}, c.version);
        EXPECT_EQ(table.find(acme)->rights, c.replaces ? two : one) << c.name;
        EXPECT_EQ(table.find(acme)->valid_until, c.replaces ? std::nullopt : std::optional(Timestamp{900})) << c.name;
    }
}

TEST(SnapshotTable, AGaugeMayBeKnownBeforeItsCustomer) {
    SnapshotTable table;
    CustomerId const acme{"acme"};
    table.put_gauge(acme, "clients", {7, 2});
    EXPECT_FALSE(table.find(acme));
    table.put(acme, {rights_with({}), {}, {100}, std::nullopt}, 1);
    EXPECT_EQ(table.find(acme)->used_of("clients"), 7);
    EXPECT_EQ(table.find(acme)->used_of("seats"), 0);
    table.put_gauge(acme, "clients", {9, 1});
    EXPECT_EQ(table.find(acme)->used_of("clients"), 7);
    table.put_gauge(acme, "clients", {6, 3});
    EXPECT_EQ(table.find(acme)->used_of("clients"), 6);
}

TEST(SnapshotTable, HoldsManyCustomers) {
    SnapshotTable table;
    auto const rights = rights_with({"a"});
    for (int n = 0; n < 20'000; ++n)
        table.put(CustomerId{"customer_" + std::to_string(n)}, {rights, {{n}}, {1}, std::nullopt}, n);
    EXPECT_EQ(table.size(), 20'000u);
    for (int n = 0; n < 20'000; ++n) {
        auto const entry = table.find(CustomerId{"customer_" + std::to_string(n)});
        ASSERT_TRUE(entry);
        ASSERT_EQ(entry->period_end(0).ms, n);
    }
}

}  // namespace
}  // namespace billhook::flow::snapshot_table_test
