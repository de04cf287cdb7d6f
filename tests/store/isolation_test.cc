// One customer never sees or changes another's data, even through a statement that forgot to say whose. On PostgreSQL
// the database holds it by row-level security; these statements leave the filter out on purpose.

#include <set>

#include "store/api_key_store.h"
#include "store/change_preview_store.h"
#include "store/checkout_session_store.h"
#include "store/gauge_store.h"
#include "store/idempotency_store.h"
#include "store/inbox_store.h"
#include "store/intent_store.h"
#include "store/invoice_store.h"
#include "store/operator_notice_store.h"
#include "store/outbox_store.h"
#include "store/scheduled_change_store.h"
#include "store/setting_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::isolation_test {
namespace {

std::vector<std::string> const customer_tables = {
    "customer",         "subscription",       "subscription_item", "subscription_history", "intent",
    "invoice",          "scheduled_change",   "checkout_session",  "change_preview",       "gauge",
    "gauge_allocation", "idempotency_record", "outbox_message",    "operator_notice"};
/// Tables that belong to no customer.
std::set<std::string> const reference_tables = {"schema_migration", "inbox_event",   "inbox_payload", "api_key",
                                                "catalog_version",  "catalog_price", "setting"};

/// A statement made of text; it lives as long as the test program.
Statement const& statement(std::string const& sql) {
    static std::vector<std::unique_ptr<std::string>> texts;
    static std::vector<std::unique_ptr<Statement>> statements;
    std::string_view const text = *texts.emplace_back(std::make_unique<std::string>(sql));
    return *statements.emplace_back(std::make_unique<Statement>(Statement{text, text, text}));
}

/// One row of everything that a customer can have.
Status write_one_of_each(Writer& writer, CustomerId const& customer) {
    std::string const& id = customer.str();
    TRY_VOID(save_customer(writer, {.id = customer}));
    TRY_VOID(save_subscription(writer, a_subscription(id, "one")));
    TRY_VOID(append_history(
        writer, {.id = "hist_1", .customer = customer, .subscription = SubscriptionId("one"), .line = "tier"}));
    TRY_VOID(insert_intent(writer, {.id = IntentId("int_1"), .customer = customer, .line = "tier"}));
    TRY_VOID(insert_scheduled_change(
        writer, {.id = ScheduledChangeId("chg_1"), .customer = customer, .subscription = SubscriptionId("one")}));
    TRY_VOID(save_checkout_session(writer, {.id = "chk_1", .customer = customer}));
    TRY_VOID(save_change_preview(writer, {.customer = customer, .line = "tier"}));
    TRY_VOID(save_invoice(writer, {.customer = customer, .stripe_invoice_id = "in_1"}));
    TRY(allocate_gauge(writer, {customer, "clients", "client_1", 1, {1}}, std::nullopt));
    TRY(claim_idempotency_key(writer, {.customer = customer, .caller = "c", .key = "k", .expires_at = {9}}, {1}));
    TRY_VOID(add_notice(writer, {.id = "note_" + id, .customer = customer}));
    return enqueue_message(writer, {.id = "msg_" + id, .customer = customer, .subject = id});
}

class RowLevelSecurityTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        if (!store) return;
        for (auto id : {"acme", "rival"})
            ASSERT_TRUE(is_ok(write([&](Writer& writer) { return write_one_of_each(writer, CustomerId(id)); })));
    }
    /// Whose rows a statement without any filter shows.
    std::set<std::string> owners(Scope const& scope, std::string const& table) {
        std::set<std::string> found;
        EXPECT_TRUE(is_ok(store->read(scope, [&](Reader& reader) -> Status {
            for (Row const& row : TRY(reader.query(statement("SELECT customer_id FROM " + table), {})))
                found.insert(row.text(0));
            return {};
        })));
        return found;
    }
    Result<std::int64_t> execute(Scope const& scope, std::string const& sql) {
        return store->write_value(scope, [&](Writer& writer) { return writer.execute(statement(sql), {}); });
    }
    Scope const acme = Scope::customer(CustomerId("acme"));
};
INSTANTIATE_TEST_SUITE_P(Store, RowLevelSecurityTest, testing::Values(DatabaseKind::postgres), kind_name);

using Owners = std::set<std::string>;

TEST_P(RowLevelSecurityTest, a_statement_without_a_filter_shows_the_scope_alone) {
    for (std::string const& table : customer_tables) {
        EXPECT_EQ(owners(acme, table), Owners{"acme"}) << table;
        EXPECT_EQ(owners(Scope::customer(CustomerId("nobody")), table), Owners{}) << table;
        EXPECT_EQ(owners(Scope::system(), table), (Owners{"acme", "rival"})) << table;
    }
}

TEST_P(RowLevelSecurityTest, without_a_scope_there_is_nothing) {
    for (std::string const& table : customer_tables) {
        std::string const sql = "SET ROLE billhook_app; SELECT customer_id FROM " + table;
        EXPECT_TRUE(database->run(sql, nullptr).empty()) << table;
    }
}

TEST_P(RowLevelSecurityTest, a_scope_ends_with_its_transaction) {
    reopen({.readers = 1, .writers = 1});
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(owners(acme, "intent"), Owners{"acme"});
        EXPECT_EQ(owners(Scope::customer(CustomerId("rival")), "intent"), Owners{"rival"});
        EXPECT_EQ(owners(Scope::customer(CustomerId("nobody")), "intent"), Owners{});
    }
}

TEST_P(RowLevelSecurityTest, a_change_without_a_filter_reaches_the_scope_alone) {
    EXPECT_EQ(execute(acme, "UPDATE intent SET cause = 'acme was here'"), 1);
    EXPECT_EQ(execute(acme, "DELETE FROM gauge_allocation"), 1);
    EXPECT_EQ(database->run("SELECT cause FROM intent WHERE customer_id = 'rival'")[0][0], "");
    EXPECT_EQ(database->run("SELECT customer_id FROM gauge_allocation")[0][0], "rival");
    EXPECT_EQ(execute(acme, "UPDATE intent SET status = 'refused' WHERE customer_id = 'rival'"), 0);
}

TEST_P(RowLevelSecurityTest, a_row_cannot_be_put_into_another_customers_name) {
    EXPECT_EQ(
        reason_of(store->write(
            acme,
            [](Writer& writer) { return save_customer(writer, {.id = CustomerId("rival"), .name = "taken over"}); })),
        "outside_scope");
    EXPECT_EQ(reason_of(store->write(acme,
                                     [](Writer& writer) {
                                         return enqueue_message(
                                             writer, {.id = "msg_x", .customer = CustomerId("rival"), .subject = "x"});
                                     })),
              "outside_scope");
    EXPECT_EQ(reason_of(execute(acme, "UPDATE intent SET customer_id = 'rival', id = 'int_2'")), "outside_scope");
    EXPECT_EQ(database->run("SELECT name FROM customer WHERE customer_id = 'rival'")[0][0], "");
}

TEST_P(RowLevelSecurityTest, a_request_reads_the_catalog_but_not_what_is_the_workers) {
    EXPECT_TRUE(is_ok(execute(acme, "SELECT 1 FROM catalog_price")));
    for (auto table : {"inbox_event", "inbox_payload", "api_key", "setting", "schema_migration"})
        EXPECT_EQ(reason_of(execute(acme, std::string("SELECT 1 FROM ") + table)), "outside_scope") << table;
    EXPECT_EQ(reason_of(execute(acme, "UPDATE catalog_price SET amount = 0")), "outside_scope");
}

TEST_P(RowLevelSecurityTest, nobody_rewrites_history) {
    for (Scope const& scope : {acme, Scope::system()})
        for (auto sql : {"UPDATE subscription_history SET cause = ''", "DELETE FROM subscription_history"})
            EXPECT_EQ(reason_of(execute(scope, sql)), "outside_scope") << sql;
}

TEST_P(RowLevelSecurityTest, security_is_forced_on_every_table_of_a_customer) {
    auto const rows = database->run(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
    std::set<std::string> const protected_tables(customer_tables.begin(), customer_tables.end());
    for (auto const& row : rows) EXPECT_EQ(row[1], protected_tables.contains(row[0]) ? "t" : "f") << row[0];
    EXPECT_EQ(rows.size(), customer_tables.size() + reference_tables.size());
    for (auto const& role : database->run("SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles"
                                          " WHERE rolname IN ('billhook_app', 'billhook_worker')"))
        EXPECT_EQ(role[0], "f");
}

// On both databases: the repositories themselves name the customer.
STORE_SUITE(CustomerScopeTest);

TEST_P(CustomerScopeTest, repositories_show_the_customer_they_are_asked_for) {
    for (auto id : {"acme", "rival"})
        ASSERT_TRUE(is_ok(write([&](Writer& writer) { return write_one_of_each(writer, CustomerId(id)); })));
    CustomerId const acme("acme");
    EXPECT_TRUE(is_ok(store->read(Scope::customer(acme), [&](Reader& reader) -> Status {
        EXPECT_EQ(TRY(list_subscriptions(reader, acme)).size(), 1u);
        EXPECT_EQ(TRY(list_history(reader, acme, "tier", std::nullopt, 9)).size(), 1u);
        EXPECT_EQ(TRY(list_pending_intents(reader, acme)).size(), 1u);
        EXPECT_EQ(TRY(list_scheduled_changes(reader, acme, 9)).size(), 1u);
        EXPECT_EQ(TRY(list_invoices(reader, acme, std::nullopt, 9)).size(), 1u);
        EXPECT_EQ(TRY(list_gauges(reader, acme)).size(), 1u);
        EXPECT_EQ(TRY(list_gauge_allocations(reader, acme, "clients", 9)).size(), 1u);
        EXPECT_TRUE(TRY(find_open_checkout_session(reader, acme, "")).has_value());
        return {};
    })));
}

TEST_P(CustomerScopeTest, a_request_does_everything_in_its_own_scope) {
    CustomerId const acme("acme");
    EXPECT_TRUE(is_ok(store->write(Scope::customer(acme), [&](Writer& writer) -> Status {
        TRY_VOID(write_one_of_each(writer, acme));
        TRY_VOID(save_subscription(writer, a_subscription("acme", "one")));
        TRY(release_gauge(writer, acme, "clients", "client_1", {2}));
        Intent ended = *TRY(find_pending_intent(writer, acme, "tier"));
        ended.status = subscription::IntentStatus::confirmed;
        return update_intent(writer, ended);
    })));
}

// The unique keys of a customer's tables begin with the customer, so that they can be spread over nodes by it.
TEST_P(CustomerScopeTest, unique_keys_lead_with_the_customer) {
    auto const keys = is_postgres()
                          ? database->run(
                                "SELECT t.relname, i.relname, a.attname FROM pg_index x"
                                " JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
                                " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]"
                                " WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace")
                          : database->run(
                                "SELECT t.name, i.name, c.name FROM sqlite_master t"
                                " JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c"
                                " WHERE t.type = 'table' AND i.\"unique\" = 1 AND c.seqno = 0");
    std::set<std::string> tables;
    for (auto const& key : keys) {
        tables.insert(key[0]);
        // Rows of the outbox and notices have ids of ours and may concern nobody: reference tables, protected all the
        // same.
        if (reference_tables.contains(key[0]) || key[0] == "outbox_message" || key[0] == "operator_notice") continue;
        EXPECT_EQ(key[2], "customer_id") << key[0] << "." << key[1];
    }
    EXPECT_EQ(tables.size(), customer_tables.size() + reference_tables.size());
}

}  // namespace
}  // namespace billhook::store::isolation_test
