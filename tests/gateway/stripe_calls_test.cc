// Every typed call is made once against the sandbox: its parameters are ones that Stripe knows, and its answer is
// understood. What the calls do is the sandbox's to show; what they send is shown beside them.

#include <gtest/gtest.h>

#include "gateway/stripe/calls.h"
#include "sandbox/sandbox.h"
#include "sandbox/sandbox_transport.h"
#include "sandbox/surface/validating_transport.h"

namespace billhook::stripe::stripe_calls_test {
namespace {

testing::AssertionResult is_ok(auto const& result) {
    if (result) return testing::AssertionSuccess();
    return testing::AssertionFailure() << result.error().reason << ": " << result.error().detail << ' '
                                       << to_text(result.error().extra);
}

class StripeCalls : public testing::Test {
  protected:
    void TearDown() override {
        for (auto const& violation : judged.take_violations()) ADD_FAILURE() << violation;
    }
    IdempotencyKey key(std::string_view step) { return IdempotencyKey::of("test_" + std::to_string(++steps), step); }

    std::string a_price(std::string const& lookup_key, std::int64_t amount, IntervalUnit unit = IntervalUnit::month) {
        if (product_id.empty()) {
            auto const product = create_product(
                client, {.id = "prod_tier", .name = "Tier", .metadata = {{"billhook_line", "tier"}}}, key("product"));
            EXPECT_TRUE(is_ok(product));
            product_id = product->id;
        }
        auto const price = create_price(client,
                                        {.product_id = product_id,
                                         .currency = "usd",
                                         .unit_amount = amount,
                                         .currency_options = {{"eur", amount}},
                                         .interval = Interval{unit, 1},
                                         .lookup_key = lookup_key},
                                        key("price"));
        EXPECT_TRUE(is_ok(price));
        return price ? price->id : "";
    }
    std::string a_customer(std::string const& card = "pm_card_visa") {
        auto const customer = create_customer(
            client, {.customer = CustomerId("acme"), .name = "Acme", .email = "billing@acme.test"}, key("customer"));
        EXPECT_TRUE(is_ok(customer));
        if (card.empty()) return customer->id;
        auto const attached =
            client.post({"/v1/payment_methods/{id}/attach", {card}}, {{"customer", customer->id}}, key("attach"));
        EXPECT_TRUE(is_ok(attached));
        auto const updated =
            update_customer(client, customer->id, {.default_payment_method_id = string_or(*attached, "id")});
        EXPECT_TRUE(is_ok(updated));
        EXPECT_TRUE(updated->has_default_payment());
        return customer->id;
    }
    Subscription a_subscription(std::string const& customer, std::string const& price) {
        auto const subscription = create_subscription(client,
                                                      {.customer_id = customer,
                                                       .items = {{.price_id = price, .quantity = 1}},
                                                       .payment_behavior = PaymentBehavior::allow_incomplete,
                                                       .metadata = {{"billhook_subscription", "bsub_1"}}},
                                                      key("subscribe"));
        EXPECT_TRUE(is_ok(subscription));
        return subscription.value_or(Subscription{});
    }
    void pass(Duration duration) {
        clock.set(clock.now() + duration);
        sandbox.run_due();
    }

    int steps = 0;
    std::string product_id;
    ManualClock clock{Timestamp::from_seconds(1'800'000'000)};
    SeededRandom random{5};
    sandbox::Sandbox sandbox{{.clock = &clock, .move_clock = [this](Timestamp t) { clock.set(t); }}};
    sandbox::SandboxTransport direct{sandbox};
    sandbox::ValidatingTransport judged{direct};
    ThreadSleeper sleeper;
    CircuitBreaker breaker;
    SilentMetrics metrics;
    Client client{{.api_base = "http://sandbox.test", .api_key = "sk_test_calls"},
                  {judged, clock, random, sleeper, breaker, metrics}};
};

TEST_F(StripeCalls, Catalog) {
    auto const starter = a_price("tier_starter_month", 900);
    auto const pro = a_price("tier_pro_month", 2900);
    auto const found = list_prices_by_lookup_keys(client, {"tier_starter_month", "tier_pro_month", "tier_none"});
    ASSERT_TRUE(is_ok(found));
    ASSERT_EQ(found->size(), 2u);
    EXPECT_EQ(found->at(0).product->name, "Tier");
    EXPECT_EQ(found->at(0).currency_options.count("eur"), 1u);

    auto const dearer = create_price(client,
                                     {.product_id = product_id,
                                      .currency = "usd",
                                      .unit_amount = 3900,
                                      .interval = Interval{},
                                      .lookup_key = "tier_pro_month",
                                      .takes_over_lookup_key = true,
                                      .nickname = "Pro",
                                      .metadata = {{"billhook_plan", "pro"}}},
                                     key("price"));
    ASSERT_TRUE(is_ok(dearer));
    EXPECT_EQ(retrieve_price(client, pro)->lookup_key, "");
    auto const off =
        update_price(client, pro, {.is_active = false, .nickname = "Old", .metadata = {{"k", "v"}}}, key("off"));
    ASSERT_TRUE(is_ok(off));
    EXPECT_FALSE(off->is_active);
    EXPECT_EQ(update_product(client, product_id, {.name = "Tiers", .description = "All"}, key("name"))->name, "Tiers");
    EXPECT_EQ(retrieve_product(client, product_id)->name, "Tiers");
    int prices = 0, products = 0;
    ASSERT_TRUE(is_ok(for_each_price(client, [&](Price const&) {
        ++prices;
        return Client::Walk::on;
    })));
    ASSERT_TRUE(is_ok(for_each_product(client, [&](Product const&) {
        ++products;
        return Client::Walk::on;
    })));
    EXPECT_EQ(prices, 3);
    EXPECT_EQ(products, 1);
    EXPECT_EQ(retrieve_price(client, "price_none").error().reason, "resource_missing");
}

TEST_F(StripeCalls, Customer) {
    auto const id = a_customer();
    auto const found = retrieve_customer(client, id);
    ASSERT_TRUE(is_ok(found));
    EXPECT_EQ(metadata_or_empty(found->metadata, metadata_key::customer), "acme");
    auto const methods = list_payment_methods(client, id);
    ASSERT_TRUE(is_ok(methods));
    ASSERT_EQ(methods->size(), 1u);
    EXPECT_EQ(methods->at(0).brand, "visa");
    auto const searched = search_customers(client, CustomerId("acme"));
    ASSERT_TRUE(is_ok(searched));
    ASSERT_EQ(searched->size(), 1u);
    EXPECT_EQ(searched->at(0).id, id);
    EXPECT_TRUE(search_customers(client, CustomerId("nobody"))->empty());
    ASSERT_TRUE(
        is_ok(update_customer(client, id, {.name = "Acme Ltd", .email = "pay@acme.test", .metadata = {{"k", "v"}}})));
    int seen = 0;
    ASSERT_TRUE(is_ok(for_each_customer(client, [&](Customer const&) {
        ++seen;
        return Client::Walk::on;
    })));
    EXPECT_EQ(seen, 1);
}

TEST_F(StripeCalls, UpgradeCostsWhatItsPreviewSaid) {
    auto const starter = a_price("tier_starter_month", 900), pro = a_price("tier_pro_month", 2900);
    auto const customer = a_customer();
    auto const subscription = a_subscription(customer, starter);
    ASSERT_EQ(subscription.status, "active");
    ASSERT_TRUE(subscription.latest_invoice);
    EXPECT_EQ(subscription.latest_invoice->find_payment()->status, "paid");
    EXPECT_EQ(subscription.billing_mode, "flexible");

    pass(Duration::days(10));
    auto const instant = clock.now();
    std::vector<ItemWish> const items = {{.item_id = subscription.items.at(0).id, .price_id = pro, .quantity = 1}};
    auto const preview = create_preview(client, {.customer_id = customer,
                                                 .subscription_id = subscription.id,
                                                 .items = items,
                                                 .proration_behavior = ProrationBehavior::always_invoice,
                                                 .proration_date = instant});
    ASSERT_TRUE(is_ok(preview));
    EXPECT_EQ(preview->lines.size(), 2u);
    EXPECT_EQ(preview->proration_date, instant);
    pass(Duration::minutes(3));
    auto const upgraded = update_subscription(client, subscription.id,
                                              {.items = items,
                                               .proration_behavior = ProrationBehavior::always_invoice,
                                               .proration_date = instant,
                                               .payment_behavior = PaymentBehavior::pending_if_incomplete},
                                              key("upgrade"));
    ASSERT_TRUE(is_ok(upgraded));
    EXPECT_EQ(upgraded->find_item(items[0].item_id)->price.id, pro);
    ASSERT_TRUE(upgraded->latest_invoice);
    EXPECT_EQ(upgraded->latest_invoice->amount_due, preview->amount_due);
    auto const invoice = retrieve_invoice(client, upgraded->latest_invoice_id);
    ASSERT_TRUE(is_ok(invoice));
    EXPECT_EQ(invoice->subscription_id, subscription.id);
    EXPECT_EQ(metadata_or_empty(invoice->subscription_metadata, metadata_key::subscription), "bsub_1");
    ASSERT_TRUE(invoice->find_payment());
    EXPECT_EQ(invoice->find_payment()->payment_intent->status, "succeeded");
    for (auto const& line : invoice->lines) {
        EXPECT_TRUE(line.is_proration);
        EXPECT_EQ(line.subscription_item_id, items[0].item_id);
    }
    auto const recurring =
        create_preview(client, {.customer_id = customer, .subscription_id = subscription.id, .is_recurring = true});
    ASSERT_TRUE(is_ok(recurring));

    auto const refund = create_refund(client,
                                      {.payment_intent_id = invoice->find_payment()->payment_intent_id,
                                       .amount = 100,
                                       .reason = "requested_by_customer",
                                       .metadata = {{"billhook_intent", "int_1"}}},
                                      key("refund"));
    ASSERT_TRUE(is_ok(refund));
    EXPECT_EQ(refund->status, "succeeded");
    auto const charge = retrieve_charge(client, invoice->find_payment()->charge_id);
    ASSERT_TRUE(is_ok(charge));
    EXPECT_EQ(charge->amount_refunded, 100);
    int invoices = 0;
    ASSERT_TRUE(is_ok(for_each_invoice(
        client,
        {.customer_id = customer, .subscription_id = subscription.id, .status = "paid", .created_since = instant},
        [&](Invoice const&) {
            ++invoices;
            return Client::Walk::on;
        })));
    EXPECT_EQ(invoices, 1);
}

TEST_F(StripeCalls, APaymentThatNeedsThePayer) {
    auto const starter = a_price("tier_starter_month", 900), pro = a_price("tier_pro_month", 2900);
    auto const customer = a_customer();
    auto const subscription = a_subscription(customer, starter);
    auto const attached = client.post({"/v1/payment_methods/{id}/attach", {"pm_card_authenticationRequired"}},
                                      {{"customer", customer}}, key("attach"));
    ASSERT_TRUE(is_ok(attached));
    ASSERT_TRUE(is_ok(update_customer(client, customer, {.default_payment_method_id = string_or(*attached, "id")})));
    pass(Duration::days(3));
    auto const pending = update_subscription(client, subscription.id,
                                             {.items = {{.item_id = subscription.items.at(0).id, .price_id = pro}},
                                              .proration_behavior = ProrationBehavior::always_invoice,
                                              .payment_behavior = PaymentBehavior::pending_if_incomplete},
                                             key("upgrade"));
    ASSERT_TRUE(is_ok(pending));
    EXPECT_EQ(pending->find_item(subscription.items[0].id)->price.id, starter);
    ASSERT_TRUE(pending->pending_update);
    EXPECT_EQ(pending->pending_update->items.at(0).price.id, pro);
    auto const invoice = retrieve_invoice(client, pending->latest_invoice_id);
    ASSERT_TRUE(is_ok(invoice));
    EXPECT_EQ(invoice->status, "open");
    EXPECT_TRUE(invoice->needs_action());
    EXPECT_FALSE(invoice->hosted_invoice_url.empty());
    EXPECT_FALSE(invoice->client_secret.empty());
    auto const intent = retrieve_payment_intent(client, invoice->find_payment()->payment_intent_id);
    ASSERT_TRUE(is_ok(intent));
    EXPECT_TRUE(intent->needs_action());
    auto const voided = void_invoice(client, invoice->id, key("void"));
    ASSERT_TRUE(is_ok(voided));
    EXPECT_EQ(voided->status, "void");
    EXPECT_FALSE(retrieve_subscription(client, subscription.id)->pending_update);

    auto const refused = update_subscription(client, subscription.id,
                                             {.items = {{.item_id = subscription.items.at(0).id, .price_id = pro}},
                                              .proration_behavior = ProrationBehavior::always_invoice,
                                              .payment_behavior = PaymentBehavior::error_if_incomplete},
                                             key("upgrade"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::payment_required);
}

TEST_F(StripeCalls, ADowngradeAtPeriodEndAndItsWithdrawal) {
    auto const starter = a_price("tier_starter_month", 900), pro = a_price("tier_pro_month", 2900);
    auto const subscription = a_subscription(a_customer(), pro);
    auto const plan_downgrade = [&]() -> SubscriptionSchedule {
        auto const created = create_schedule(client, subscription.id, key("schedule"));
        EXPECT_TRUE(is_ok(created));
        auto const* running = created->find_current_phase();
        EXPECT_TRUE(running);
        Phase next = *running;
        next.items = {{.price_id = starter, .quantity = 1}};
        next.proration_behavior = "none";
        auto const planned = update_schedule(
            client, created->id,
            {.phases = {repeat(*running), {.content = next, .start = {}, .end = {}, .duration = Interval{}}},
             .metadata = {{"billhook_intent", "int_1"}}},
            key("phases"));
        EXPECT_TRUE(is_ok(planned));
        return planned.value_or(SubscriptionSchedule{});
    };
    auto const planned = plan_downgrade();
    EXPECT_EQ(planned.phases.size(), 2u);
    EXPECT_EQ(planned.subject_subscription(), subscription.id);
    EXPECT_EQ(retrieve_subscription(client, subscription.id)->schedule_id, planned.id);
    EXPECT_EQ(retrieve_schedule(client, planned.id)->status, "active");

    auto const released = release_schedule(client, planned.id, key("release"));
    ASSERT_TRUE(is_ok(released));
    EXPECT_EQ(released->status, "released");
    EXPECT_EQ(released->subject_subscription(), subscription.id);
    EXPECT_EQ(retrieve_subscription(client, subscription.id)->schedule_id, "");

    plan_downgrade();
    int schedules = 0;
    ASSERT_TRUE(is_ok(for_each_schedule(client, subscription.customer_id, [&](SubscriptionSchedule const&) {
        ++schedules;
        return Client::Walk::on;
    })));
    EXPECT_EQ(schedules, 2);
    pass(Duration::days(32));
    auto const after = retrieve_subscription(client, subscription.id);
    ASSERT_TRUE(is_ok(after));
    EXPECT_EQ(after->items.at(0).price.id, starter);
    EXPECT_GT(after->earliest_period_end(), subscription.earliest_period_end());
}

TEST_F(StripeCalls, LeavingAndComingBack) {
    auto const subscription = a_subscription(a_customer(), a_price("tier_pro_month", 2900));
    auto const leaving = update_subscription(
        client, subscription.id,
        {.cancel_at_period_end = true, .cancellation_comment = "x", .cancellation_feedback = "unused"}, key("cancel"));
    ASSERT_TRUE(is_ok(leaving));
    EXPECT_TRUE(leaving->cancel_at_period_end);
    EXPECT_EQ(leaving->cancel_at, subscription.earliest_period_end());
    EXPECT_EQ(leaving->cancellation_reason, "cancellation_requested");
    auto const back = update_subscription(client, subscription.id, {.cancel_at_period_end = false}, key("resume"));
    ASSERT_TRUE(is_ok(back));
    EXPECT_FALSE(back->cancel_at);

    auto const ended =
        cancel_subscription(client, subscription.id, {.prorates = true, .invoices_now = true, .comment = "x"});
    ASSERT_TRUE(is_ok(ended));
    EXPECT_EQ(ended->status, "canceled");
    auto const again = cancel_subscription(client, subscription.id, {});
    ASSERT_TRUE(is_ok(again));
    EXPECT_EQ(again->status, "canceled");
    std::vector<std::string> statuses;
    ASSERT_TRUE(
        is_ok(for_each_subscription(client, {.customer_id = subscription.customer_id}, [&](Subscription const& one) {
            statuses.push_back(one.status);
            return Client::Walk::on;
        })));
    EXPECT_EQ(statuses, std::vector<std::string>{"canceled"});
}

TEST_F(StripeCalls, ATrialWithoutACard) {
    auto const price = a_price("tier_pro_month", 2900);
    auto const trial = create_subscription(client,
                                           {.customer_id = a_customer(""),
                                            .items = {{.price_id = price, .quantity = 1}},
                                            .currency = "eur",
                                            .trial_end = clock.now() + Duration::days(14),
                                            .trial_without_payment_method = MissingPaymentMethod::pause},
                                           key("trial"));
    ASSERT_TRUE(is_ok(trial));
    EXPECT_EQ(trial->status, "trialing");
    EXPECT_EQ(trial->currency, "eur");
    EXPECT_EQ(trial->trial_end, clock.now() + Duration::days(14));
    auto const longer =
        update_subscription(client, trial->id, {.trial_end = clock.now() + Duration::days(20)}, key("longer"));
    ASSERT_TRUE(is_ok(longer));
    pass(Duration::days(21));
    EXPECT_EQ(retrieve_subscription(client, trial->id)->status, "paused");
    auto const resumed = resume_subscription(client, trial->id, key("resume"));
    ASSERT_TRUE(is_ok(resumed));
    EXPECT_EQ(resumed->status, "paused");
}

TEST_F(StripeCalls, Sessions) {
    auto const price = a_price("tier_pro_month", 2900);
    auto const customer = a_customer("");
    auto const session = create_checkout_session(client,
                                                 {.customer_id = customer,
                                                  .items = {{.price_id = price, .quantity = 1}},
                                                  .currency = "eur",
                                                  .success_url = "https://app.test/ok?s={CHECKOUT_SESSION_ID}",
                                                  .cancel_url = "https://app.test/no",
                                                  .client_reference_id = "acme",
                                                  .trial_days = 14,
                                                  .collects_card_only_if_due = true,
                                                  .expires_at = clock.now() + Duration::hours(2),
                                                  .allows_promotion_codes = true,
                                                  .has_automatic_tax = true,
                                                  .locale = "de",
                                                  .metadata = {{"billhook_intent", "int_1"}},
                                                  .subscription_metadata = {{"billhook_subscription", "bsub_1"}}},
                                                 key("checkout"));
    ASSERT_TRUE(is_ok(session));
    EXPECT_EQ(session->status, "open");
    EXPECT_FALSE(session->url.empty());
    EXPECT_EQ(retrieve_checkout_session(client, session->id)->client_reference_id, "acme");
    int open = 0;
    ASSERT_TRUE(is_ok(for_each_checkout_session(client, customer, [&](CheckoutSession const&) {
        ++open;
        return Client::Walk::on;
    })));
    EXPECT_EQ(open, 1);
    EXPECT_EQ(expire_checkout_session(client, session->id, key("expire"))->status, "expired");
    auto const twice = expire_checkout_session(client, session->id, key("expire"));
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().kind, ErrorKind::invalid);

    JsonObject const features{{"invoice_history", {{"enabled", true}}}, {"payment_method_update", {{"enabled", true}}}};
    auto const configuration =
        create_portal_configuration(client, features, {{"billhook_line", "tier"}}, key("portal"));
    ASSERT_TRUE(is_ok(configuration));
    ASSERT_TRUE(is_ok(update_portal_configuration(client, configuration->id, features, key("portal"))));
    int configurations = 0;
    ASSERT_TRUE(is_ok(for_each_portal_configuration(client, [&](PortalConfiguration const&) {
        ++configurations;
        return Client::Walk::on;
    })));
    EXPECT_GE(configurations, 1);
    auto const portal = create_portal_session(client, {.customer_id = customer,
                                                       .return_url = "https://app.test/",
                                                       .configuration_id = configuration->id,
                                                       .flow = "payment_method_update",
                                                       .locale = "de"});
    ASSERT_TRUE(is_ok(portal));
    EXPECT_FALSE(portal->url.empty());
}

TEST_F(StripeCalls, AFailedPaymentIsPaidLater) {
    auto const price = a_price("tier_pro_month", 2900);
    auto const customer = a_customer("pm_card_chargeCustomerFail");
    auto const subscription = a_subscription(customer, price);
    ASSERT_EQ(subscription.status, "incomplete");
    auto const invoice = retrieve_invoice(client, subscription.latest_invoice_id);
    ASSERT_TRUE(is_ok(invoice));
    EXPECT_EQ(invoice->find_payment()->payment_intent->error_code, "card_declined");
    auto const declined = pay_invoice(client, invoice->id, "", key("pay"));
    ASSERT_FALSE(declined);
    EXPECT_EQ(declined.error().kind, ErrorKind::payment_required);
    EXPECT_EQ(declined.error().reason, "card_declined");
    auto const attached =
        client.post({"/v1/payment_methods/{id}/attach", {"pm_card_visa"}}, {{"customer", customer}}, key("attach"));
    ASSERT_TRUE(is_ok(attached));
    auto const paid = pay_invoice(client, invoice->id, string_or(*attached, "id"), key("pay"));
    ASSERT_TRUE(is_ok(paid));
    EXPECT_EQ(paid->status, "paid");
    EXPECT_EQ(retrieve_subscription(client, subscription.id)->status, "active");
}

TEST_F(StripeCalls, EventsAndClocks) {
    auto const created = create_test_clock(client, clock.now(), "a year", key("clock"));
    ASSERT_TRUE(is_ok(created));
    auto const customer =
        create_customer(client, {.customer = CustomerId("timed"), .test_clock_id = created->id}, key("customer"));
    ASSERT_TRUE(is_ok(customer));
    EXPECT_EQ(customer->test_clock_id, created->id);
    ASSERT_TRUE(is_ok(advance_test_clock(client, created->id, clock.now() + Duration::days(10), key("advance"))));
    pass(Duration::seconds(30));
    auto const ready = retrieve_test_clock(client, created->id);
    ASSERT_TRUE(is_ok(ready));
    EXPECT_EQ(ready->status, "ready");
    std::vector<std::string> ids;
    ASSERT_TRUE(
        is_ok(for_each_event(client, {.types = {"customer.created"}, .created_since = clock.now() - Duration::days(1)},
                             [&](Event const& event) {
                                 ids.push_back(event.id);
                                 EXPECT_EQ(event.object_id(), customer->id);
                                 return Client::Walk::on;
                             })));
    ASSERT_EQ(ids.size(), 1u);
    auto const event = retrieve_event(client, ids[0]);
    ASSERT_TRUE(is_ok(event));
    EXPECT_EQ(event->api_version, api_version);
    EXPECT_FALSE(event->idempotency_key.empty());
    EXPECT_TRUE(is_ok(delete_test_clock(client, created->id)));
    EXPECT_TRUE(is_ok(delete_test_clock(client, created->id)));
}

TEST_F(StripeCalls, TheSameKeyIsTheSameOperation) {
    auto const same = IdempotencyKey::of("customer:acme", "create");
    auto const first = create_customer(client, {.customer = CustomerId("acme")}, same);
    auto const second = create_customer(client, {.customer = CustomerId("acme")}, same);
    ASSERT_TRUE(is_ok(first));
    ASSERT_TRUE(is_ok(second));
    EXPECT_EQ(first->id, second->id);
    auto const other = create_customer(client, {.customer = CustomerId("other")}, same);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().reason, "idempotency_error");
}

}  // namespace
}  // namespace billhook::stripe::stripe_calls_test
