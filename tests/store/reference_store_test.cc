// Invoices, API keys, the applied catalog, settings: what goes in comes out.

#include "store/api_key_store.h"
#include "store/catalog_store.h"
#include "store/invoice_store.h"
#include "store/setting_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::reference_store_test {
namespace {

using Ids = std::vector<std::string>;

STORE_SUITE(InvoiceStoreTest);
STORE_SUITE(ApiKeyStoreTest);
STORE_SUITE(CatalogStoreTest);
STORE_SUITE(SettingStoreTest);

TEST_P(InvoiceStoreTest, is_kept_replaced_and_listed) {
    add_customer("acme");
    std::vector<invoice::Invoice> invoices;
    for (int i = 0; i < 3; ++i) {
        invoice::Invoice invoice;
        invoice.customer = CustomerId("acme");
        invoice.stripe_invoice_id = "in_" + std::to_string(i);
        invoice.subscription = SubscriptionId("one");
        invoice.number = "A-" + std::to_string(i);
        invoice.status = i == 0 ? invoice::Status::voided : invoice::Status::paid;
        invoice.billing_reason = "subscription_cycle";
        invoice.currency = "eur";
        invoice.amount_due = 2500;
        invoice.amount_paid = 2400;
        invoice.amount_remaining = 100;
        invoice.subtotal = 2100;
        invoice.tax = 400;
        invoice.total = -2500;
        invoice.period = {{1000}, {2000}};
        invoice.hosted_invoice_url = "https://pay.example/i";
        invoice.invoice_pdf = "https://pay.example/i.pdf";
        invoice.attempt_count = 2;
        invoice.next_payment_attempt_at = Timestamp{5000};
        invoice.due_at = Timestamp{6000};
        invoice.finalized_at = Timestamp{1100};
        invoice.paid_at = Timestamp{1200};
        invoice.created_at = {1000 + i / 2};
        invoice.observed_at = {1300};
        invoices.push_back(invoice);
    }
    auto const save_all = [&] {
        ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
            for (auto const& invoice : invoices) TRY_VOID(save_invoice(writer, invoice));
            return {};
        })));
    };
    save_all();
    invoices[1].status = invoice::Status::uncollectible;
    invoices[1].paid_at.reset();
    save_all();
    EXPECT_EQ(*read([](Reader& reader) { return find_invoice(reader, CustomerId("acme"), "in_1"); }), invoices[1]);
    auto const list = [&](std::optional<Cursor> const& after) {
        return *read([&](Reader& reader) { return list_invoices(reader, CustomerId("acme"), after, 2); });
    };
    EXPECT_EQ(list(std::nullopt), (std::vector{invoices[2], invoices[1]}));
    EXPECT_EQ(list(Cursor{{1000}, "in_1"}), std::vector{invoices[0]});
}

TEST_P(ApiKeyStoreTest, is_kept_touched_and_revoked) {
    access::ApiKey key;
    key.id = "key_1";
    key.secret_hash = "00ff";
    key.name = "the application";
    key.scopes = access::application_scopes();
    key.customer = CustomerId("acme");
    key.created_at = {1000};
    key.expires_at = Timestamp{5000};
    access::ApiKey second;
    second.id = "key_2";
    second.created_at = {2000};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        TRY_VOID(insert_api_key(writer, key));
        return insert_api_key(writer, second);
    })));
    auto const find = [&](std::string const& id) {
        return *read([&](Reader& reader) { return find_api_key(reader, id); });
    };
    auto const valid = [&](std::int64_t now) {
        Ids ids;
        auto const found = *read([&](Reader& reader) { return list_valid_api_keys(reader, {now}); });
        for (auto const& each : found) ids.push_back(each.id);
        return ids;
    };
    EXPECT_EQ(find("key_1"), key);
    EXPECT_EQ(find("key_3"), std::nullopt);
    EXPECT_EQ(valid(4999), (Ids{"key_1", "key_2"}));
    EXPECT_EQ(valid(5000), Ids{"key_2"});
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        TRY_VOID(touch_api_key(writer, "key_2", {3000}));
        TRY_VOID(touch_api_key(writer, "key_2", {2500}));
        TRY_VOID(revoke_api_key(writer, "key_2", {4000}));
        return revoke_api_key(writer, "key_2", {4500});
    })));
    second.last_used_at = Timestamp{3000};
    second.revoked_at = Timestamp{4000};
    EXPECT_EQ(find("key_2"), second);
    EXPECT_EQ(valid(4999), Ids{"key_1"});
    EXPECT_EQ(reason_of(write([](Writer& writer) { return revoke_api_key(writer, "key_3", {1}); })), "not_found");
    auto const list = [&](std::optional<Cursor> const& after) {
        return *read([&](Reader& reader) { return list_api_keys(reader, after, 1); });
    };
    EXPECT_EQ(list(std::nullopt), std::vector{second});
    EXPECT_EQ(list(Cursor{{2000}, "key_2"}), std::vector{key});
}

TEST_P(CatalogStoreTest, the_last_applied_version_is_current) {
    EXPECT_EQ(*read([](Reader& reader) { return find_current_catalog_version(reader); }), std::nullopt);
    CatalogVersion const first{"cat_b", "lines: []", "h1", {1000}}, second{"cat_a", "lines: [a]", "h2", {1000}};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        TRY_VOID(insert_catalog_version(writer, first));
        return insert_catalog_version(writer, second);
    })));
    EXPECT_EQ(*read([](Reader& reader) { return find_current_catalog_version(reader); }), second);
}

TEST_P(CatalogStoreTest, a_new_price_takes_the_lookup_key_and_the_old_one_stays_known) {
    CatalogPrice old{"price_1", "eur", "starter_month", "prod_1", "starter", IntervalUnit::month, 1900, true};
    CatalogPrice old_usd = old;
    old_usd.currency = "usd";
    CatalogPrice renewed = old;
    renewed.stripe_price_id = "price_2";
    renewed.amount = 2400;
    auto const save = [&](CatalogPrice const& price) {
        ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_catalog_price(writer, price); })));
    };
    auto const active = [&](std::string_view currency) {
        return *read([&](Reader& reader) { return find_active_catalog_price(reader, "starter_month", currency); });
    };
    for (auto const& price : {old, old_usd, old, renewed, renewed}) save(price);
    EXPECT_EQ(active("eur"), renewed);
    EXPECT_EQ(active("usd"), old_usd);
    old.is_active = false;
    EXPECT_EQ(*read([](Reader& reader) { return list_catalog_prices_of_stripe_price(reader, "price_1"); }),
              (std::vector{old, old_usd}));
    EXPECT_EQ(read([](Reader& reader) { return list_catalog_prices(reader); })->size(), 3u);
    save([&] {
        CatalogPrice back = old;
        back.is_active = true;
        return back;
    }());
    EXPECT_EQ(active("eur")->stripe_price_id, "price_1");
}

TEST_P(SettingStoreTest, is_saved_replaced_and_removed) {
    auto const list = [&] { return *read([](Reader& reader) { return list_settings(reader); }); };
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        TRY_VOID(save_setting(writer, "a", "1", {1}));
        TRY_VOID(save_setting(writer, "b", "", {1}));
        return save_setting(writer, "a", "2", {2});
    })));
    EXPECT_EQ(list(), (std::map<std::string, std::string>{{"a", "2"}, {"b", ""}}));
    ASSERT_TRUE(is_ok(write([](Writer& writer) { return remove_setting(writer, "a"); })));
    EXPECT_EQ(list(), (std::map<std::string, std::string>{{"b", ""}}));
}

}  // namespace
}  // namespace billhook::store::reference_store_test
