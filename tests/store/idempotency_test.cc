// Idempotency keys: claimed once, replayed, taken over from the dead, purged.

#include <random>

#include "store/idempotency_store.h"
#include "tests/store/at_once.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::idempotency_test {
namespace {

STORE_SUITE(IdempotencyStoreTest);

IdempotencyRecord a_record(std::string const& key) {
    return {.customer = CustomerId("acme"),
            .caller = "key:key_1",
            .key = key,
            .fingerprint = "abc",
            .running_until = {2000},
            .created_at = {1000},
            .expires_at = {90000}};
}

/// Of letters in no order, which no database makes shorter.
std::string long_text(std::size_t bytes) {
    std::mt19937_64 random(1);
    std::string text;
    while (text.size() < bytes) text += static_cast<char>('!' + random() % 90);
    return text;
}

TEST_P(IdempotencyStoreTest, a_value_too_long_for_an_index_is_refused_and_the_store_goes_on) {
    IdempotencyRecord record = a_record("k");
    record.caller = long_text(16'000);
    auto const claimed = write([&](Writer& writer) -> Status {
        TRY(claim_idempotency_key(writer, record, {1000}));
        return {};
    });
    EXPECT_EQ(reason_of(claimed), is_postgres() ? "invalid_value" : "");
    EXPECT_EQ(!claimed && claimed.error().kind == ErrorKind::invalid, is_postgres());
    add_customer("after");
}

TEST_P(IdempotencyStoreTest, a_key_is_claimed_once_answered_and_replayed) {
    auto const claim = [&](IdempotencyRecord const& record, std::int64_t now) {
        return *store->write_value(Scope::system(),
                                   [&](Writer& writer) { return claim_idempotency_key(writer, record, {now}); });
    };
    IdempotencyRecord record = a_record("k");
    EXPECT_EQ(claim(record, 1000), std::nullopt);
    EXPECT_EQ(claim(record, 1500), record) << "it is running";

    record.status = IdempotencyStatus::done;
    record.response_status = 201;
    record.response_body = R"({"id":"x"})";
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return complete_idempotency_key(writer, record); })));
    EXPECT_EQ(claim(a_record("k"), 50000), record) << "done is replayed, however late, until it expires";
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return complete_idempotency_key(writer, record); })), "claim_lost");
    IdempotencyRecord after = a_record("k");
    after.created_at = {90000};
    EXPECT_EQ(claim(after, 90000), std::nullopt);
    IdempotencyRecord elsewhere = a_record("k");
    elsewhere.caller = "key:key_2";
    EXPECT_EQ(claim(elsewhere, 1000), std::nullopt) << "another caller's key is another key";
}

TEST_P(IdempotencyStoreTest, a_claim_whose_process_died_is_taken_over) {
    auto const claim = [&](IdempotencyRecord const& record, std::int64_t now) {
        return *store->write_value(Scope::system(),
                                   [&](Writer& writer) { return claim_idempotency_key(writer, record, {now}); });
    };
    IdempotencyRecord const dead = a_record("k");
    EXPECT_EQ(claim(dead, 1000), std::nullopt);
    IdempotencyRecord other_body = a_record("k");
    other_body.fingerprint = "def";
    EXPECT_EQ(claim(other_body, 2500), dead) << "never with another body";
    IdempotencyRecord next = a_record("k");
    next.running_until = {4000};
    EXPECT_EQ(claim(next, 1999), dead);
    EXPECT_EQ(claim(next, 2000), std::nullopt);
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return complete_idempotency_key(writer, dead); })), "claim_lost");
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return release_idempotency_key(writer, dead); })), "claim_lost");
    EXPECT_TRUE(is_ok(write([&](Writer& writer) { return release_idempotency_key(writer, next); })));
    EXPECT_EQ(claim(other_body, 2500), std::nullopt);
}

TEST_P(IdempotencyStoreTest, simultaneous_requests_claim_it_once) {
    for (int round = 0; round < 25; ++round)
        EXPECT_EQ(1, succeed_at_once(4, [&](int) -> Status {
                      auto holder = store->write_value(Scope::system(), [&](Writer& writer) {
                          return claim_idempotency_key(writer, a_record("k" + std::to_string(round)), {1000});
                      });
                      EXPECT_TRUE(is_ok(holder));
                      if (holder && *holder) return fail(conflict("running", "Running."));
                      return {};
                  }));
}

TEST_P(IdempotencyStoreTest, expired_records_are_purged_in_batches) {
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        for (int i = 0; i < 5; ++i) {
            IdempotencyRecord record = a_record("k" + std::to_string(i));
            record.expires_at = {1000 + i};
            TRY(claim_idempotency_key(writer, record, {1}));
        }
        return {};
    })));
    auto const purge = [&](std::int64_t now) {
        return *store->write_value(Scope::system(),
                                   [&](Writer& writer) { return purge_expired_idempotency_keys(writer, {now}, 2); });
    };
    EXPECT_EQ(purge(1002), 2);
    EXPECT_EQ(purge(1002), 1);
    EXPECT_EQ(purge(1002), 0);
    EXPECT_TRUE(read([](Reader& reader) {
                    return find_idempotency_key(reader, CustomerId("acme"), "key:key_1", "k3");
                })->has_value());
}

}  // namespace
}  // namespace billhook::store::idempotency_test
