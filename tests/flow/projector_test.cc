#include <algorithm>
#include <map>

#include "flow/projector/event_handlers.h"
#include "store/invoice_store.h"
#include "tests/flow/flow_world.h"

namespace billhook::flow::projector_test {
namespace {

FLOW_SUITE(Projector);

TEST_P(Projector, EventsInAnyOrderAndDoubledEndInTheSamePlace) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        auto const name = "c" + std::to_string(seed);
        world->add_customer(name);
        auto checkout = purchase(*world->commands, world->buying(name, "pro"));
        ASSERT_TRUE(is_ok(checkout));
        ASSERT_EQ(world->pay(checkout->url), 303);
        auto events = world->take_events();
        auto doubled = events;
        doubled.insert(doubled.end(), events.begin(), events.end());
        SeededRandom shuffle(seed + 7);
        for (auto i = doubled.size(); i > 1; --i) std::swap(doubled[i - 1], doubled[shuffle.below(i)]);
        for (auto const& event : doubled) world->handle(event);
        EXPECT_EQ(world->show(name), "pro active") << "seed " << seed;
        EXPECT_EQ(world->history(name), " free -> pro active") << "seed " << seed;
        EXPECT_EQ(world->database->run("SELECT status FROM invoice WHERE customer_id = '" + name + "'").size(), 1u);
    }
}

TEST_P(Projector, AnyOneEventBringsTheWholeTruth) {
    world->subscribe("acme", "pro");
    auto const id = world->view("acme").subscription->stripe_subscription_id;
    world->at_stripe("POST", "/v1/subscriptions/" + id, "cancel_at_period_end=true");
    auto events = world->take_events();
    ASSERT_FALSE(events.empty());
    auto about = std::ranges::find_if(events, [](auto const& event) { return event.object_kind() == "subscription"; });
    ASSERT_NE(about, events.end());
    world->handle(*about);
    EXPECT_EQ(world->show("acme"), "pro active leaving");
}

TEST_P(Projector, AFailedRenewalAndItsRecovery) {
    world->subscribe("acme", "pro");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    world->advance(world->view("acme").subscription->current_period.end + Duration::minutes(1) - world->clock.now());
    // The draft's hour begins when its event has been taken.
    world->deliver();
    world->advance(Duration::hours(2));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro past_due");
    auto const since = world->view("acme").subscription->past_due_since;
    ASSERT_TRUE(since);
    EXPECT_LE(*since, world->clock.now());
    world->advance(Duration::hours(25));
    world->deliver();
    EXPECT_EQ(world->view("acme").subscription->past_due_since, since) << "a retry does not begin the grace anew";
    EXPECT_EQ(reason_of(change_plan(*world->commands, world->changing("acme", "max"))), "payment_overdue");
    world->set_card("acme");
    auto const invoice = world->view("acme").subscription->latest_invoice_id;
    world->at_stripe("POST", "/v1/invoices/" + invoice + "/pay");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_FALSE(world->view("acme").subscription->past_due_since);
}

/// To the next renewal and past its draft's hour; `news` is what happens with the events.
void renew(FlowWorld& world, std::function<void()> const& news) {
    auto const end = [&] {
        auto const held = find(world.at_stripe("GET", "/v1/subscriptions"), "data")->as_array().at(0);
        return Timestamp::from_seconds(
            *find_int(find_path(held, "items.data")->as_array().at(0), "current_period_end"));
    }();
    world.advance(end + Duration::minutes(1) - world.clock.now());
    news();
    world.advance(Duration::hours(2));
    news();
}

TEST_P(Projector, ArrearsAfterARecoveryThatNobodyReadBeginAnew) {
    auto const deliver = [&] { world->deliver(); };
    auto const lose = [&] {
        while (!world->take_events().empty()) {
        }
    };
    auto const since = [&] { return *world->view("acme").subscription->past_due_since; };
    world->stripe_sandbox->handle(
        {.method = "POST", .target = "/_sandbox/settings", .body = R"({"after_last_retry":"leave_past_due"})"});
    world->subscribe("acme", "pro");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    renew(*world, deliver);
    auto const first = since();
    // Nobody hears that it is paid, nor that the next is not: only a read tells, and finds it past_due as before.
    world->set_card("acme");
    world->at_stripe("POST", "/v1/invoices/" + world->view("acme").subscription->latest_invoice_id + "/pay");
    world->set_card("acme", "pm_card_chargeCustomerFail");
    renew(*world, lose);
    EXPECT_EQ(world->show("acme"), "pro past_due");
    EXPECT_EQ(since(), first);
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId("acme"))));
    EXPECT_EQ(world->show("acme"), "pro past_due");
    auto const second = since();
    EXPECT_GT(second, first + Duration::days(27));
    // A renewal that fails as well ends no arrears.
    renew(*world, deliver);
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId("acme"))));
    EXPECT_EQ(world->show("acme"), "pro past_due");
    EXPECT_EQ(since(), second);
    // Nor does what is paid of old while the next draft waits: by then Stripe looks at the draft.
    auto const open = world->view("acme").subscription->latest_invoice_id;
    world->advance(world->view("acme").subscription->current_period.end + Duration::minutes(1) - world->clock.now());
    world->deliver();
    ASSERT_NE(world->view("acme").subscription->latest_invoice_id, open);
    world->at_stripe("POST", "/v1/invoices/" + open + "/pay", "paid_out_of_band=true");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro past_due");
    world->advance(Duration::hours(2));
    world->deliver();
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId("acme"))));
    EXPECT_EQ(world->show("acme"), "pro past_due");
    EXPECT_EQ(since(), second);
}

// Another node's clock is ahead, or ours was set back: what it wrote bears a time that has not come yet.
TEST_P(Projector, ALookThatWasOvertakenIsTakenAgain) {
    world->subscribe("acme", "pro");
    world->at_stripe("POST", "/v1/subscriptions/" + world->view("acme").subscription->stripe_subscription_id,
                     "metadata[a]=b");
    auto const events = world->take_events();
    ASSERT_EQ(events.size(), 1u);
    auto const close = [&] {
        auto work = prepare_event(*world->projector, events.front(), world->clock.now());
        return world->store->write(store::Scope::system(), work.value().apply);
    };
    world->database->run("UPDATE subscription SET observed_at = observed_at + 3600000");
    EXPECT_TRUE(is_ok(close())) << "it tells nothing new";
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId("acme"))));
    world->database->run("UPDATE subscription SET status = 'incomplete'");
    EXPECT_EQ(reason_of(close()), "overtaken") << "it comes again";
    EXPECT_EQ(reason_of(refresh_customer(*world->commands, CustomerId("acme"))), "overtaken");
    EXPECT_EQ(world->show("acme"), "pro incomplete");
    world->advance(Duration::hours(2));
    EXPECT_TRUE(is_ok(close()));
    EXPECT_EQ(world->show("acme"), "pro active");
}

TEST_P(Projector, ALookAtAnInvoiceThatWasOvertakenIsTakenAgain) {
    world->add_customer("acme");
    auto const checkout = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_TRUE(is_ok(checkout));
    ASSERT_EQ(world->pay(checkout->url), 303);
    auto const events = world->take_events();
    for (auto const& event : events) world->handle(event);
    auto const finalized = std::ranges::find(events, "invoice.finalized", &stripe::Event::type);
    ASSERT_NE(finalized, events.end());
    auto const close = [&] {
        auto work = prepare_event(*world->projector, *finalized, world->clock.now());
        return world->store->write(store::Scope::system(), work.value().apply);
    };
    auto const status = [&] { return world->database->run("SELECT status FROM invoice").front().front(); };
    world->database->run("UPDATE invoice SET observed_at = observed_at + 3600000");
    EXPECT_TRUE(is_ok(close())) << "it tells nothing new";
    EXPECT_TRUE(is_ok(refresh_customer(*world->commands, CustomerId("acme"))));
    world->database->run("UPDATE invoice SET status = 'open'");
    EXPECT_EQ(reason_of(close()), "overtaken") << "it comes again";
    EXPECT_EQ(reason_of(refresh_customer(*world->commands, CustomerId("acme"))), "overtaken");
    EXPECT_EQ(status(), "open");
    world->advance(Duration::hours(2));
    EXPECT_TRUE(is_ok(close()));
    EXPECT_EQ(status(), "paid");
}

TEST_P(Projector, SomebodyElsesSubscriptionIsIgnored) {
    auto const other = world->at_stripe("POST", "/v1/customers", "name=Stranger");
    auto const method =
        world->at_stripe("POST", "/v1/payment_methods/pm_card_visa/attach", "customer=" + string_or(other, "id"));
    world->at_stripe(
        "POST", "/v1/subscriptions",
        "customer=" + string_or(other, "id") + "&default_payment_method=" + string_or(method, "id") +
            "&items[0][price]=" + world->prices->find_offer("pro", IntervalUnit::month, "eur")->stripe_price_id);
    EXPECT_GT(world->deliver(), 0);
    EXPECT_TRUE(world->database->run("SELECT id FROM subscription").empty());
    EXPECT_TRUE(world->database->run("SELECT 1 FROM invoice").empty());
}

TEST_P(Projector, ASecondSubscriptionOfALineIsEndedAndPaidBack) {
    world->subscribe("acme", "pro");
    auto const kept = world->view("acme").subscription->stripe_subscription_id;
    world->advance(Duration::minutes(1));
    auto const customer = world->database->run("SELECT stripe_customer_id FROM customer").front().front();
    world->set_card("acme");
    auto const second = world->at_stripe(
        "POST", "/v1/subscriptions",
        "customer=" + customer + "&metadata[billhook_customer]=acme&metadata[billhook_line]=tier&items[0][price]=" +
            world->prices->find_offer("max", IntervalUnit::month, "eur")->stripe_price_id);
    EXPECT_EQ(string_or(second, "status"), "active");
    world->deliver();
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->run_outbox(), 1) << "the end of the duplicate, once";
    EXPECT_EQ(world->database->run("SELECT id FROM operator_notice").size(), 1u) << "word to the operator, once";
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    EXPECT_EQ(world->view("acme").subscription->stripe_subscription_id, kept);
    EXPECT_EQ(string_or(world->at_stripe("GET", "/v1/subscriptions/" + string_or(second, "id")), "status"), "canceled");
    std::int64_t refunded = 0;
    world->count_at_stripe("acme", "charges", [&](Json const& charge) {
        refunded += int_or(charge, "amount_refunded");
        return true;
    });
    EXPECT_EQ(refunded, 9000);
}

// Stripe's stamps are whole seconds; which of two came first, who held the line already tells.
TEST_P(Projector, OfTwoSubscriptionsOfOneSecondTheHeldOneStays) {
    for (auto const* name : {"a", "b", "c", "d", "e"}) {
        auto const now = world->clock.now();
        world->advance(Duration::milliseconds(1000 - now.ms % 1000));
        world->subscribe(name, "pro");
        world->set_card(name);
        auto const kept = world->view(name).subscription->stripe_subscription_id;
        auto const payer = string_or(world->at_stripe("GET", "/v1/subscriptions/" + kept), "customer");
        auto const second = world->at_stripe(
            "POST", "/v1/subscriptions",
            "customer=" + payer +
                "&items[0][price]=" + world->prices->find_offer("max", IntervalUnit::month, "eur")->stripe_price_id);
        ASSERT_EQ(int_or(second, "created"), int_or(world->at_stripe("GET", "/v1/subscriptions/" + kept), "created"));
        world->deliver();
        world->run_outbox();
        world->deliver();
        EXPECT_EQ(world->show(name), "pro active");
        EXPECT_EQ(world->view(name).subscription->stripe_subscription_id, kept) << name;
    }
}

TEST_P(Projector, AChangeMadeAtStripeIsWrittenDown) {
    world->subscribe("acme", "pro");
    auto const record = *world->view("acme").subscription;
    auto const schedule =
        world->at_stripe("POST", "/v1/subscription_schedules", "from_subscription=" + record.stripe_subscription_id);
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
    world->at_stripe("POST", "/v1/subscription_schedules/" + string_or(schedule, "id") + "/cancel");
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro canceled");
}

TEST_P(Projector, AReadServesABurstOfEvents) {
    world->add_customer("acme");
    auto checkout = purchase(*world->commands, world->buying("acme", "pro"));
    ASSERT_TRUE(is_ok(checkout));
    ASSERT_EQ(world->pay(checkout->url), 303);
    auto const events = world->take_events();
    auto const received = world->clock.now();
    world->advance(Duration::milliseconds(5));
    std::map<std::string, int> reads;
    world->transport->choose([&](net::HttpRequest const& request) {
        if (request.method == "GET") ++reads[request.target.substr(0, request.target.find('?'))];
        return FaultyTransport::Fault::none;
    });
    for (auto const& event : events) {
        auto work = prepare_event(*world->projector, event, received);
        ASSERT_TRUE(is_ok(work));
        if (!work->apply) continue;
        EXPECT_TRUE(is_ok(world->store->write(store::Scope::system(), work->apply)));
    }
    for (auto const& [target, count] : reads)
        EXPECT_TRUE(count == 1 || target.find("/v1/subscriptions/") == std::string::npos) << target << " " << count;
    EXPECT_TRUE(std::ranges::none_of(reads, [](auto const& read) { return read.first.contains("/v1/invoices/"); }))
        << "the subscription's read shows its newest invoice";
    auto const invoices = world->store->read_value(store::Scope::system(), [](store::Reader& reader) {
        return store::list_invoices(reader, CustomerId("acme"), std::nullopt, 10);
    });
    ASSERT_EQ(invoices->size(), 1u);
    EXPECT_EQ(invoices->front().status, invoice::Status::paid);
    EXPECT_EQ(world->show("acme"), "pro active");
}

TEST_P(Projector, ANewPriceTakesOverAndOldSubscriptionsKeepTheirPlan) {
    world->subscribe("acme", "pro");
    auto const old_price = world->view("acme").subscription->items.front().stripe_price_id;
    auto const product = string_or(world->at_stripe("GET", "/v1/prices/" + old_price), "product");
    world->at_stripe("POST", "/v1/prices",
                     "product=" + product +
                         "&currency=eur&unit_amount=3500&recurring[interval]=month&lookup_key=pro_month"
                         "&transfer_lookup_key=true");
    world->deliver();
    auto rows = world->database->run(
        "SELECT stripe_price_id, is_active FROM catalog_price WHERE plan = 'pro' AND billing_interval = 'month'");
    ASSERT_EQ(rows.size(), 2u);
    for (auto const& row : rows) EXPECT_EQ(row[1] == "0" || row[1] == "f", row[0] == old_price);
    world->advance(Duration::days(32));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active");
}

/// As with the key of another account or mode: the events are ours, what Stripe knows is not.
TEST_P(Projector, AMistakenKeyLosesNoEventOfWhatWeKnow) {
    world->subscribe("acme", "pro");
    auto const subscription = world->view("acme").subscription->stripe_subscription_id;
    world->at_stripe("POST", "/v1/subscriptions/" + subscription, "cancel_at_period_end=true");
    auto const told = [&](std::string const& type, std::string const& table, std::string const& column) {
        auto const row = world->database->run("SELECT " + column + " FROM " + table + " WHERE " + column + " <> ''");
        auto const customer = world->database->run("SELECT stripe_customer_id FROM customer").at(0).at(0);
        return stripe::Event{
            .id = "evt_" + table, .type = type, .object = {{"id", row.at(0).at(0)}, {"customer", customer}}};
    };
    sandbox::Sandbox elsewhere({.seed = 2, .clock = &world->clock});
    sandbox::SandboxTransport transport(elsewhere);
    stripe::Client const client(
        {.api_base = "http://sandbox", .api_key = "sk_test_elsewhere"},
        {transport, world->steps, world->random, world->sleeper, world->breaker, world->metrics});
    ProjectorContext const mistaken{
        client, world->clock, world->random, world->reads, world->projector->catalog, world->projector->prices, {}, {}};
    auto const handled = [&](stripe::Event const& event) -> Status {
        auto const work = TRY(prepare_event(mistaken, event, world->clock.now() + Duration::days(1)));
        return world->store->write(store::Scope::system(),
                                   [&](store::Writer& writer) { return work.apply ? work.apply(writer) : Status{}; });
    };
    for (auto const& event : {told("customer.subscription.updated", "subscription", "stripe_subscription_id"),
                              told("invoice.paid", "invoice", "stripe_invoice_id"),
                              told("checkout.session.completed", "checkout_session", "stripe_session_id"),
                              told("price.updated", "catalog_price", "stripe_price_id")})
        EXPECT_EQ(reason_of(handled(event)), "gone_at_stripe") << event.type;
    EXPECT_EQ(world->database->run("SELECT 1 FROM catalog_price WHERE is_active = 0").size(), 0u);
    EXPECT_EQ(world->show("acme"), "pro active");

    for (auto const* type :
         {"customer.subscription.updated", "invoice.paid", "checkout.session.expired", "price.updated"})
        EXPECT_TRUE(is_ok(handled({.id = "evt_strange", .type = type, .object = {{"id", "strange_1"}}}))) << type;
    EXPECT_TRUE(is_ok(handled(told("customer.subscription.deleted", "subscription", "stripe_subscription_id"))));
    world->deliver();
    EXPECT_EQ(world->show("acme"), "pro active leaving");
}

}  // namespace
}  // namespace billhook::flow::projector_test
