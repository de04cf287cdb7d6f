// Gauges: exact under any concurrency, once per id.

#include <atomic>
#include <thread>

#include "store/gauge_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::gauge_test {
namespace {

class GaugeTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        if (store) add_customer("acme");
    }
    template <class Work>
    Result<Gauge> change(Work work) {
        return store->write_value(Scope::customer(acme), work);
    }
    Result<Gauge> allocate(std::string const& id, std::int64_t amount, GaugeLimit limit) {
        return change(
            [&](Writer& writer) { return allocate_gauge(writer, {acme, "clients", id, amount, {1000}}, limit); });
    }
    std::int64_t used() {
        return read([&](Reader& reader) { return find_gauge(reader, acme, "clients"); })->used;
    }
    CustomerId const acme{"acme"};
};
INSTANTIATE_TEST_SUITE_P(Store, GaugeTest, testing::Values(DatabaseKind::sqlite, DatabaseKind::postgres), kind_name);

TEST_P(GaugeTest, counts_up_to_the_limit_and_says_how_far_it_is) {
    EXPECT_EQ(used(), 0);
    EXPECT_EQ(allocate("", 6, 9)->used, 6);
    auto full = allocate("", 4, 9);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().kind, ErrorKind::limit_reached);
    EXPECT_EQ(full.error().extra.at("limit"), 9);
    EXPECT_EQ(full.error().extra.at("used"), 6);
    EXPECT_EQ(allocate("", 3, 9)->used, 9);
    EXPECT_EQ(allocate("", 1000, std::nullopt)->used, 1009) << "unlimited";
    EXPECT_EQ(reason_of(allocate("", 1, 0)), "limit_reached");
}

TEST_P(GaugeTest, an_id_counts_once) {
    EXPECT_EQ(allocate("client_1", 2, 3)->used, 2);
    EXPECT_EQ(allocate("client_1", 2, 3)->used, 2);
    EXPECT_EQ(allocate("client_1", 2, 0)->used, 2) << "what is there is there, whatever the limit is by now";
    EXPECT_EQ(reason_of(allocate("client_1", 1, 3)), "allocation_differs");
    EXPECT_EQ(reason_of(allocate("client_2", 2, 3)), "limit_reached");
    auto const held = *read([&](Reader& reader) { return list_gauge_allocations(reader, acme, "clients", 10); });
    EXPECT_EQ(held, (std::vector{GaugeAllocation{acme, "clients", "client_1", 2, {1000}}}));

    auto const release = [&](std::string const& id) {
        return change([&](Writer& writer) { return release_gauge(writer, acme, "clients", id, {2000}); });
    };
    EXPECT_EQ(release("client_1")->used, 0);
    EXPECT_EQ(release("client_1")->used, 0) << "releasing again changes nothing";
    EXPECT_EQ(allocate("client_2", 2, 3)->used, 2);
}

TEST_P(GaugeTest, is_set_and_given_back_by_number) {
    auto const set = [&](std::int64_t number, GaugeLimit limit) {
        return change([&](Writer& writer) { return set_gauge(writer, acme, "clients", number, limit, {2000}); });
    };
    auto const give_back = [&](std::int64_t amount) {
        return change([&](Writer& writer) { return release_gauge_amount(writer, acme, "clients", amount, {3000}); });
    };
    EXPECT_EQ(set(9, 9)->used, 9);
    EXPECT_EQ(reason_of(set(10, 9)), "limit_reached");
    EXPECT_EQ(set(9, 5)->used, 9) << "over the limit it may stay";
    EXPECT_EQ(set(7, 5)->used, 7) << "and shrink";
    EXPECT_EQ(reason_of(set(8, 5)), "limit_reached");
    EXPECT_EQ(give_back(4)->used, 3);
    EXPECT_EQ(give_back(40)->used, 0);
    for (std::int64_t const bad : {std::int64_t{-1}, INT64_MAX})
        EXPECT_EQ(reason_of(set(bad, std::nullopt)), "invalid_value");
    for (std::int64_t const bad : {std::int64_t{0}, std::int64_t{-5}, INT64_MAX}) {
        EXPECT_EQ(reason_of(allocate("", bad, std::nullopt)), "invalid_value");
        EXPECT_EQ(reason_of(give_back(bad)), "invalid_value");
    }
    EXPECT_EQ(read([&](Reader& reader) { return list_gauges(reader, acme); })->size(), 1u);
}

TEST_P(GaugeTest, a_limit_is_never_overshot_by_one) {
    constexpr int limit = 50;
    std::atomic<int> granted = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n < 12; ++n) {
                auto result = allocate(n % 2 ? "" : std::to_string(i) + "_" + std::to_string(n), 1, limit);
                if (result)
                    ++granted;
                else
                    EXPECT_EQ(result.error().reason, "limit_reached");
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(granted, limit);
    EXPECT_EQ(used(), limit);
}

}  // namespace
}  // namespace billhook::store::gauge_test
