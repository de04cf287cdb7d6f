// Two clicks at the same moment, many times over: never two subscriptions, two charges or two schedules.

#include <barrier>
#include <thread>

#include "flow/command/cancel_subscription.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow {
namespace {

FLOW_SUITE(Race);

constexpr int rounds = 200;

/// Runs both at once and says what each was told: "ok", or the reason of its refusal.
template <class First, class Second>
std::pair<std::string, std::string> at_once(First first, Second second) {
    std::barrier start(2);
    std::pair<std::string, std::string> told;
    auto run = [&](auto& command, std::string& reason) {
        start.arrive_and_wait();
        auto answer = command();
        reason = answer ? "ok" : answer.error().reason;
    };
    std::thread other([&] { run(second, told.second); });
    run(first, told.first);
    other.join();
    return told;
}

std::string name_of(int round) {
    return "c" + std::to_string(round);
}

TEST_P(Race, TwoPurchases) {
    auto open = [](Json const& session) { return string_or(session, "status") == "open"; };
    for (int round = 0; round < rounds; ++round) {
        auto const name = name_of(round);
        world->add_customer(name);
        auto first = world->buying(name, "pro");
        auto second = world->buying(name, round % 2 ? "pro" : "starter");
        second.is_separate_attempt = round % 4 == 1;
        auto told = at_once([&] { return purchase(*world->commands, first); },
                            [&] { return purchase(*world->commands, second); });
        EXPECT_TRUE(told.first == "ok" || told.second == "ok") << told.first << " " << told.second;
        ASSERT_EQ(world->count_at_stripe(name, "checkout/sessions", open), 1u)
            << name << " " << told.first << " " << told.second;
        auto again = purchase(*world->commands, first);
        ASSERT_TRUE(is_ok(again));
        ASSERT_EQ(world->pay(again->url), 303);
        if (round % 20 == 19) world->deliver();
    }
    world->deliver();
    for (int round = 0; round < rounds; ++round)
        EXPECT_EQ(world->count_at_stripe(name_of(round), "subscriptions?status=all"), 1u);
}

TEST_P(Race, TwoUpgrades) {
    for (int round = 0; round < rounds; ++round) {
        auto const name = name_of(round);
        world->subscribe(name, "starter");
        auto first = world->changing(name, "pro");
        auto second = world->changing(name, round % 2 ? "pro" : "max");
        auto told = at_once([&] { return change_plan(*world->commands, first); },
                            [&] { return change_plan(*world->commands, second); });
        EXPECT_TRUE(told.first == "ok" || told.second == "ok") << told.first << " " << told.second;
        if (round % 2) {
            EXPECT_EQ(told, (std::pair<std::string, std::string>("ok", "ok")));
            EXPECT_EQ(world->count_at_stripe(name, "invoices"), 2u) << "one for the start, one for the upgrade";
        }
        world->deliver();
        EXPECT_EQ(world->count_at_stripe(name, "subscriptions?status=all"), 1u);
        auto const record = *world->view(name).subscription;
        EXPECT_EQ(record.items.size(), 1u);
    }
}

TEST_P(Race, TwoSchedules) {
    for (int round = 0; round < rounds; ++round) {
        auto const name = name_of(round);
        world->subscribe(name, "max");
        auto first = world->changing(name, "starter");
        auto second = world->changing(name, round % 2 ? "starter" : "pro");
        auto told = at_once([&] { return change_plan(*world->commands, first); },
                            [&] { return change_plan(*world->commands, second); });
        EXPECT_TRUE(told.first == "ok" || told.second == "ok") << told.first << " " << told.second;
        EXPECT_EQ(world->count_at_stripe(name, "subscription_schedules"), 1u) << name;
        auto const shown = world->show(name);
        EXPECT_TRUE(shown == "max active next=starter" || shown == "max active next=pro") << shown;
        world->take_events();
    }
}

TEST_P(Race, CancelAndUpgrade) {
    for (int round = 0; round < 20; ++round) {
        auto const name = name_of(round);
        world->subscribe(name, "starter");
        at_once([&] { return change_plan(*world->commands, world->changing(name, "pro")); },
                [&] {
                    return cancel_subscription(*world->commands, {{CustomerId(name), "customer:" + name}, "tier", {}});
                });
        auto const shown = world->show(name);
        world->deliver();
        EXPECT_EQ(world->show(name), shown) << "what was answered is what Stripe says";
        EXPECT_FALSE(world->view(name).pending);
    }
}

}  // namespace
}  // namespace billhook::flow
