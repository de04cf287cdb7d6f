// Two clicks at the same moment, many times over: never two subscriptions, two charges or two schedules.

#include <algorithm>
#include <barrier>
#include <cstdlib>
#include <thread>

#include "flow/command/cancel_subscription.h"
#include "flow/projector/project_subscription.h"
#include "store/subscription_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::race_test {
namespace {

FLOW_SUITE(Race);

using Fault = FaultyTransport::Fault;

/// `./dev prove simultaneous` asks for more.
int const rounds = [] {
    auto const* wanted = std::getenv("BILLHOOK_TEST_ROUNDS");
    return wanted ? std::atoi(wanted) : 20;
}();

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
        if (round % 10 == 9) world->deliver();
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

TEST_P(Race, TwoUpgradesOverAScheduledDowngrade) {
    for (int round = 0; round < rounds; ++round) {
        auto const name = name_of(round);
        world->subscribe(name, "pro");
        ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing(name, "starter"))));
        auto upgrade = [&] { return change_plan(*world->commands, world->changing(name, "max")); };
        EXPECT_EQ(at_once(upgrade, upgrade), (std::pair<std::string, std::string>("ok", "ok"))) << name;
        EXPECT_EQ(world->show(name), "max active");
        EXPECT_EQ(world->count_at_stripe(name, "invoices"), 2u) << "one for the start, one for the upgrade";
        world->take_events();
    }
}

TEST_P(Race, TwoOfEachOtherWish) {
    for (int round = 0; round < rounds; ++round) {
        auto const name = name_of(round);
        Asker const self{CustomerId(name), "customer:" + name};
        Asker const ann{CustomerId(name), "operator:ann", true};
        auto const twice = [&](auto command) { return at_once(command, command); };
        std::pair<std::string, std::string> const both("ok", "ok");
        world->subscribe(name, "pro");
        EXPECT_EQ(twice([&] { return cancel_subscription(*world->commands, {self, "tier", {}}); }), both);
        EXPECT_EQ(twice([&] { return resume_subscription(*world->commands, self, "tier"); }), both);
        ASSERT_TRUE(is_ok(change_plan(*world->commands, world->changing(name, "starter"))));
        EXPECT_EQ(twice([&] { return withdraw_change(*world->commands, self, "tier"); }), both);
        EXPECT_EQ(world->show(name), "pro active");
        subscription::CancelWish const now{subscription::CancelAt::now, subscription::Refund::full, ""};
        EXPECT_EQ(twice([&] { return cancel_subscription(*world->commands, {ann, "tier", now}); }), both);
        EXPECT_EQ(world->show(name), "pro canceled");
        std::int64_t refunded = 0;
        world->count_at_stripe(name, "charges", [&](Json const& charge) {
            refunded += int_or(charge, "amount_refunded");
            return true;
        });
        EXPECT_EQ(refunded, 3000) << name;
        EXPECT_EQ(world->intents(name).find("pending"), std::string::npos) << world->intents(name);
        world->take_events();
    }
}

TEST_P(Race, TwoClicksThatReplaceAnOpenCheckoutGetTheSamePage) {
    for (int round = 0; round < rounds; ++round) {
        auto const name = name_of(round);
        world->add_customer(name);
        ASSERT_TRUE(is_ok(purchase(*world->commands, world->buying(name, "starter"))));
        std::string first, second;
        auto buy = [&](std::string& session) {
            return [&] {
                auto bought = purchase(*world->commands, world->buying(name, "pro"));
                if (bought) session = bought->stripe_session_id;
                return bought;
            };
        };
        EXPECT_EQ(at_once(buy(first), buy(second)), (std::pair<std::string, std::string>("ok", "ok"))) << name;
        EXPECT_EQ(first, second) << name;
        auto open = [](Json const& session) { return string_or(session, "status") == "open"; };
        EXPECT_EQ(world->count_at_stripe(name, "checkout/sessions", open), 1u) << name;
        world->take_events();
    }
}

TEST_P(Race, WhoeverComesSecondGetsWhatTheFirstReached) {
    world->subscribe("acme", "starter");
    auto const is_update = [](net::HttpRequest const& request) {
        return request.method == "POST" && request.target.find("/v1/subscriptions/") != std::string::npos;
    };
    int calls = 0;
    world->transport->choose([&](net::HttpRequest const& request) {
        if (!is_update(request)) return Fault::none;
        if (calls++ == 0) {
            // The other click is faster at Stripe, and its answer is back while Stripe still tells us to wait.
            world->transport->choose({});
            EXPECT_TRUE(is_ok(change_plan(*world->commands, world->changing("acme", "pro"))));
            world->transport->choose(
                [&](net::HttpRequest const& later) { return is_update(later) ? Fault::key_in_use : Fault::none; });
        }
        return Fault::key_in_use;
    });
    auto answer = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_TRUE(is_ok(answer));
    EXPECT_EQ(answer->subscription.subscription->plan, "pro");
    EXPECT_EQ(world->count_at_stripe("acme", "invoices"), 2u) << "one for the start, one for the upgrade";
}

TEST_P(Race, AKeyThatStaysInUseIsNoConflictAndTheOutboxGoesOn) {
    world->subscribe("acme", "starter");
    world->transport->choose([](net::HttpRequest const& request) {
        bool const is_update =
            request.method == "POST" && request.target.find("/v1/subscriptions/") != std::string::npos;
        return is_update ? Fault::key_in_use : Fault::none;
    });
    auto answer = change_plan(*world->commands, world->changing("acme", "pro"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable) << "nobody else's wish is in the way";
    world->transport->choose({});
    EXPECT_EQ(world->show("acme"), "starter active pending=upgrade");
    world->advance(Duration::minutes(5));
    EXPECT_EQ(world->run_outbox(), 1);
    EXPECT_EQ(world->show("acme"), "pro active");
}

TEST_P(Race, CancelAndUpgrade) {
    for (int round = 0; round < rounds; ++round) {
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

/// Two of one line, made at Stripe past us; nobody has heard of either.
std::vector<SubscriptionLook> two_unheard_of(FlowWorld& world, std::string const& customer) {
    world.add_customer(customer);
    world.set_card(customer);
    auto const payer = ensure_stripe_customer(*world.commands, CustomerId(customer))->stripe_customer_id;
    std::vector<SubscriptionLook> looks;
    for (auto const* plan : {"pro", "max"}) {
        auto const price = world.prices->find_offer(plan, IntervalUnit::month, "eur")->stripe_price_id;
        auto const made =
            world.at_stripe("POST", "/v1/subscriptions", "customer=" + payer + "&items[0][price]=" + price);
        looks.push_back(look_at_subscription(*world.client, world.clock, string_or(made, "id")).value());
    }
    return looks;
}

std::string effect_of(Result<ProjectedSubscription> const& projected) {
    return projected ? to_string(projected->effect) : projected.error().reason;
}

Result<ProjectedSubscription> write_down(FlowWorld& world, std::string const& customer, SubscriptionLook const& look,
                                         std::function<void(store::Writer&)> const& before = {}) {
    CustomerId const id(customer);
    return world.store->write_value(store::Scope::customer(id), [&](store::Writer& writer) {
        if (before) before(writer);
        return project_subscription(writer, *world.projector, look, {"read", id});
    });
}

TEST_P(Race, TwoSubscriptionsOfOneLineComeInAtOnce) {
    for (int round = 0; round < rounds; ++round) {
        auto const name = name_of(round);
        auto const looks = two_unheard_of(*world, name);
        Result<ProjectedSubscription> first, second;
        at_once([&] { return first = write_down(*world, name, looks[0]); },
                [&] { return second = write_down(*world, name, looks[1]); });
        auto const told = std::minmax({effect_of(first), effect_of(second)});
        EXPECT_EQ(told.first + " " + told.second, "duplicate written") << name;
    }
}

/// Where two write at once; with SQLite one waits for the other.
class RaceOfWriters : public FlowTest {};
INSTANTIATE_TEST_SUITE_P(Flow, RaceOfWriters, testing::Values(store::DatabaseKind::postgres),
                         [](auto const&) { return std::string("postgres"); });

TEST_P(RaceOfWriters, TheLineWasTakenAfterTheSnapshotWas) {
    auto const looks = two_unheard_of(*world, "acme");
    int attempts = 0;
    auto const second = write_down(*world, "acme", looks[1], [&](store::Writer& writer) {
        EXPECT_TRUE(is_ok(store::list_subscriptions(writer, CustomerId("acme"))));
        if (++attempts > 1) return;
        EXPECT_EQ(effect_of(write_down(*world, "acme", looks[0])), "written");
    });
    EXPECT_EQ(effect_of(second), "duplicate");
    EXPECT_EQ(attempts, 2) << "once more, with what had come meanwhile";
    EXPECT_EQ(world->show("acme"), "pro active");
}

}  // namespace
}  // namespace billhook::flow::race_test
