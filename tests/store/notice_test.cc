// Operator notices: told once, kept until seen. And what is purged when it has been kept long enough.

#include "store/checkout_session_store.h"
#include "store/customer_store.h"
#include "store/operator_notice_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::notice_test {
namespace {

STORE_SUITE(NoticeTest);
STORE_SUITE(PurgeTest);

OperatorNotice a_notice(std::string const& id, std::int64_t at, std::string const& customer = "") {
    return {.id = id,
            .kind = "dead_event",
            .customer = CustomerId(customer),
            .subject = "evt_1",
            .text = "The event evt_1 was given up.",
            .created_at = {at}};
}

TEST_P(NoticeTest, is_told_once_and_kept_until_it_was_seen) {
    auto const add = [&](OperatorNotice const& notice) {
        ASSERT_TRUE(is_ok(write([&](Writer& writer) { return add_notice(writer, notice); })));
    };
    auto const list = [&](NoticeFilter filter) {
        return *store->read_value(Scope::system(),
                                  [&](Reader& reader) { return list_notices(reader, filter, std::nullopt, 10); });
    };
    auto const see = [&](std::string const& id) {
        return *store->write_value(Scope::system(),
                                   [&](Writer& writer) { return mark_notice_seen(writer, id, {5000}); });
    };
    add(a_notice("note_1", 1000));
    add(a_notice("note_2", 2000, "acme"));
    add(a_notice("note_1", 3000));
    EXPECT_EQ(list(NoticeFilter::unseen), (std::vector{a_notice("note_2", 2000, "acme"), a_notice("note_1", 1000)}));
    EXPECT_TRUE(see("note_1"));
    EXPECT_FALSE(see("note_1"));
    EXPECT_FALSE(see("note_9"));
    EXPECT_EQ(list(NoticeFilter::unseen), std::vector{a_notice("note_2", 2000, "acme")});
    EXPECT_EQ(list(NoticeFilter::all)[1].seen_at, Timestamp{5000});
    EXPECT_EQ(*store->read_value(Scope::system(), [](Reader& reader) { return count_unseen_notices(reader); }), 1);
}

TEST_P(NoticeTest, a_request_may_add_one_about_its_customer) {
    auto const scope = Scope::customer(CustomerId("acme"));
    ASSERT_TRUE(is_ok(
        store->write(scope, [](Writer& writer) { return add_notice(writer, a_notice("note_1", 1000, "acme")); })));
    ASSERT_TRUE(is_ok(
        store->write(scope, [](Writer& writer) { return add_notice(writer, a_notice("note_1", 1000, "acme")); })));
    EXPECT_EQ(*store->read_value(Scope::system(), [](Reader& reader) { return count_unseen_notices(reader); }), 1);
}

TEST_P(PurgeTest, ended_checkout_sessions_go_and_open_ones_stay) {
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        TRY_VOID(save_customer(writer, {.id = CustomerId("acme")}));
        auto session = CheckoutSession{.id = "chk_open", .customer = CustomerId("acme"), .line = "tier"};
        session.expires_at = {1000};
        TRY_VOID(save_checkout_session(writer, session));
        for (auto const* id : {"chk_1", "chk_2"}) {
            session.id = id;
            session.status = CheckoutSessionStatus::expired;
            TRY_VOID(save_checkout_session(writer, session));
        }
        session.id = "chk_young";
        session.expires_at = {3000};
        return save_checkout_session(writer, session);
    })));
    auto const purge = [&](std::int64_t before) {
        return *store->write_value(Scope::system(),
                                   [&](Writer& writer) { return purge_ended_checkout_sessions(writer, {before}, 10); });
    };
    EXPECT_EQ(purge(999), 0);
    EXPECT_EQ(purge(2000), 2);
    auto const find = [&](std::string const& id) {
        return *store->read_value(
            Scope::system(), [&](Reader& reader) { return find_checkout_session(reader, CustomerId("acme"), id); });
    };
    EXPECT_TRUE(find("chk_open").has_value());
    EXPECT_TRUE(find("chk_young").has_value());
    EXPECT_FALSE(find("chk_1").has_value());
}

}  // namespace
}  // namespace billhook::store::notice_test
