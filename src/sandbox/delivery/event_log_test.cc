// How long events are listed: 30 days of the sandbox's own time, whatever time its test clocks show.

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::event_log_test {
namespace {

constexpr std::int64_t day = 86'400;

struct Listed : testing::Test {
    std::string make_customer(std::string const& form = {}) {
        stripe.post("/v1/customers", form);
        return stripe.get("/v1/events?type=customer.created&limit=1")["data.0.id"];
    }
    int status_of(std::string const& event) { return stripe.get("/v1/events/" + event).status; }

    Driver stripe;
};

TEST_F(Listed, whatever_a_test_clock_shows) {
    stripe.post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/hook&enabled_events[]=customer.created");
    auto const on_wall = make_customer();
    auto const start = stripe.clock.now().seconds();
    auto const clock = stripe.post("/v1/test_helpers/test_clocks", "frozen_time=" + std::to_string(start))["id"];
    auto const earlier = make_customer("test_clock=" + clock);
    stripe.post("/v1/test_helpers/test_clocks/" + clock + "/advance",
                "frozen_time=" + std::to_string(start + 62 * day));
    auto const later = make_customer("test_clock=" + clock);
    for (auto const& event : {on_wall, earlier, later}) EXPECT_EQ(status_of(event), 200);
    EXPECT_EQ(stripe.get("/v1/events/" + later)["created"], std::to_string(start + 62 * day));
    stripe.deliver();
    for (auto const& event : {on_wall, earlier, later})
        EXPECT_EQ(stripe.get("/v1/events/" + event)["pending_webhooks"], "0");
}

TEST_F(Listed, for_thirty_days) {
    auto const old = make_customer();
    auto const start = stripe.clock.now();
    stripe.clock.set(start + Duration::days(30));
    make_customer();
    EXPECT_EQ(status_of(old), 200);
    stripe.clock.set(start + Duration::days(30) + Duration::seconds(1));
    make_customer();
    EXPECT_EQ(status_of(old), 404);
}

}  // namespace
}  // namespace billhook::sandbox::event_log_test
