#include "gateway/stripe/calls.h"

#include <gtest/gtest.h>

#include "gateway/stripe/scripted_transport.h"

namespace billhook::stripe::calls_test {
namespace {

constexpr auto at = Timestamp::from_seconds;

class CallsTest : public testing::Test {
  protected:
    // The request line without the host, and the body behind a blank.
    std::string sent(std::size_t n = 0) {
        auto const& request = stripe.transport.requests.at(n);
        auto line = request.method + ' ' + request.target.substr(std::string("http://stripe.test").size());
        return request.body.empty() ? line : line + ' ' + request.body;
    }
    ScriptedStripe stripe;
    Client const& client = stripe.client;
    IdempotencyKey const key = IdempotencyKey::of("int_1", "step");
};

constexpr auto expansions =
    "expand[0]=latest_invoice.payments&expand[1]=latest_invoice.confirmation_secret&expand[2]=default_payment_method";

TEST_F(CallsTest, AnUpgradeNamesTheItemAndThePreviewedInstant) {
    ASSERT_TRUE(update_subscription(client, "sub_1",
                                    {.items = {{.item_id = "si_1", .price_id = "price_2", .quantity = 1}},
                                     .proration_behavior = ProrationBehavior::always_invoice,
                                     .proration_date = at(1'790'000'000),
                                     .payment_behavior = PaymentBehavior::pending_if_incomplete},
                                    key));
    EXPECT_EQ(sent(), std::string("POST /v1/subscriptions/sub_1 items[0][id]=si_1&items[0][price]=price_2&"
                                  "items[0][quantity]=1&proration_behavior=always_invoice&proration_date=1790000000&"
                                  "payment_behavior=pending_if_incomplete&") +
                          expansions);
    EXPECT_EQ(stripe.transport.requests.at(0).headers.get_or("Idempotency-Key"), "billhook:int_1:step");
}

TEST_F(CallsTest, APreviewSendsTheSameChange) {
    stripe.will_answer(R"({"id":"upcoming_in_1","total":500,"lines":{"has_more":false,"data":[]}})");
    auto const preview = create_preview(client, {.customer_id = "cus_1",
                                                 .subscription_id = "sub_1",
                                                 .items = {{.item_id = "si_1", .price_id = "price_2", .quantity = 1}},
                                                 .proration_behavior = ProrationBehavior::always_invoice,
                                                 .proration_date = at(1'790'000'000)});
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->total, 500);
    EXPECT_EQ(sent(),
              "POST /v1/invoices/create_preview customer=cus_1&subscription=sub_1&"
              "subscription_details[items][0][id]=si_1&subscription_details[items][0][price]=price_2&"
              "subscription_details[items][0][quantity]=1&"
              "subscription_details[proration_behavior]=always_invoice&"
              "subscription_details[proration_date]=1790000000");
    EXPECT_FALSE(stripe.transport.requests.at(0).headers.find("Idempotency-Key"));
}

TEST_F(CallsTest, CancelAndItsRepetition) {
    ASSERT_TRUE(cancel_subscription(client, "sub_1", {.prorates = true, .comment = "no more use"}));
    EXPECT_EQ(sent(), std::string("DELETE /v1/subscriptions/sub_1?prorate=true&"
                                  "cancellation_details[comment]=no%20more%20use&") +
                          expansions);

    auto const missing = R"({"error":{"type":"invalid_request_error","code":"resource_missing"}})";
    stripe.will_answer(missing, 404);
    stripe.will_answer(R"({"id":"sub_1","status":"canceled"})");
    auto const again = cancel_subscription(client, "sub_1", {});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, "canceled");

    stripe.will_answer(missing, 404);
    stripe.will_answer(missing, 404);
    auto const unknown = cancel_subscription(client, "sub_1", {});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);

    ASSERT_TRUE(update_subscription(client, "sub_1", {.cancel_at_period_end = true}, key));
    EXPECT_EQ(sent(5).substr(0, 56), "POST /v1/subscriptions/sub_1 cancel_at_period_end=true&e");
}

TEST_F(CallsTest, ManyItemsAndLinesAreFetchedToTheLast) {
    stripe.will_answer(R"({"id":"sub_1","items":{"has_more":true,"data":[{"id":"si_1","price":"price_1"}]}})");
    stripe.will_answer(
        R"({"data":[{"id":"si_1","price":"price_1"},{"id":"si_2","price":"price_2"}],"has_more":false})");
    auto const subscription = retrieve_subscription(client, "sub_1");
    ASSERT_TRUE(subscription);
    EXPECT_EQ(subscription->items.size(), 2u);
    EXPECT_FALSE(subscription->has_more_items);
    EXPECT_EQ(sent(1), "GET /v1/subscription_items?subscription=sub_1&limit=100");

    stripe.will_answer(R"({"id":"in_1","lines":{"has_more":true,"data":[{"id":"il_1","amount":1}]}})");
    stripe.will_answer(R"({"data":[{"id":"il_1","amount":1},{"id":"il_2","amount":2}],"has_more":false})");
    auto const invoice = retrieve_invoice(client, "in_1");
    ASSERT_TRUE(invoice);
    EXPECT_EQ(invoice->lines.size(), 2u);
    EXPECT_EQ(sent(2),
              "GET /v1/invoices/in_1?expand[0]=payments.data.payment.payment_intent&"
              "expand[1]=confirmation_secret");
}

TEST_F(CallsTest, ADowngradeIsAScheduleOfTwoPhases) {
    ASSERT_TRUE(create_schedule(client, "sub_1", key));
    EXPECT_EQ(sent(), "POST /v1/subscription_schedules from_subscription=sub_1");

    Phase running{
        .period = {at(100), at(200)},
        .items = {{.price_id = "price_pro", .quantity = 2, .metadata = {{"a", "b"}}}, {.price_id = "price_metered"}},
        .discounts = {{.coupon_id = "SPRING", .discount_id = "di_1"}},
        .trial_end = at(150)};
    Phase next{.items = {{.price_id = "price_starter", .quantity = 1}}, .proration_behavior = "none"};
    ASSERT_TRUE(update_schedule(
        client, "sub_sched_1",
        {.phases = {repeat(running),
                    {.content = next, .start = {}, .end = {}, .duration = Interval{IntervalUnit::month, 1}}}},
        key));
    EXPECT_EQ(sent(1),
              "POST /v1/subscription_schedules/sub_sched_1 phases[0][items][0][price]=price_pro&"
              "phases[0][items][0][quantity]=2&phases[0][items][0][metadata][a]=b&"
              "phases[0][items][1][price]=price_metered&phases[0][start_date]=100&phases[0][end_date]=200&"
              "phases[0][discounts][0][discount]=di_1&phases[0][trial_end]=150&"
              "phases[1][items][0][price]=price_starter&phases[1][items][0][quantity]=1&"
              "phases[1][duration][interval]=month&phases[1][duration][interval_count]=1&"
              "phases[1][proration_behavior]=none&end_behavior=release&proration_behavior=none");

    ASSERT_TRUE(release_schedule(client, "sub_sched_1", key));
    EXPECT_EQ(sent(2), "POST /v1/subscription_schedules/sub_sched_1/release");
}

TEST_F(CallsTest, CheckoutBearsOurIdsOnBothSides) {
    ASSERT_TRUE(
        create_checkout_session(client,
                                {.customer_id = "cus_1",
                                 .items = {{.price_id = "price_1", .quantity = 1}, {.price_id = "price_metered"}},
                                 .success_url = "https://app.test/ok?s={CHECKOUT_SESSION_ID}",
                                 .cancel_url = "https://app.test/no",
                                 .trial_days = 14,
                                 .collects_card_only_if_due = true,
                                 .metadata = {{"billhook_intent", "int_1"}},
                                 .subscription_metadata = {{"billhook_subscription", "bsub_1"}}},
                                key));
    EXPECT_EQ(sent(),
              "POST /v1/checkout/sessions mode=subscription&customer=cus_1&line_items[0][price]=price_1&"
              "line_items[0][quantity]=1&line_items[1][price]=price_metered&"
              "success_url=https%3A%2F%2Fapp.test%2Fok%3Fs%3D%7BCHECKOUT_SESSION_ID%7D&"
              "cancel_url=https%3A%2F%2Fapp.test%2Fno&payment_method_collection=if_required&"
              "metadata[billhook_intent]=int_1&subscription_data[billing_mode][type]=flexible&"
              "subscription_data[metadata][billhook_subscription]=bsub_1&subscription_data[trial_period_days]=14&"
              "subscription_data[trial_settings][end_behavior][missing_payment_method]=cancel");
}

TEST_F(CallsTest, ACustomerIsFoundByOurId) {
    ASSERT_TRUE(create_customer(client, {.customer = CustomerId("acme"), .email = "a@acme.test"}, key));
    EXPECT_EQ(sent(), "POST /v1/customers email=a%40acme.test&metadata[billhook_customer]=acme");
    stripe.will_answer(R"({"object":"search_result","data":[{"id":"cus_1"}],"has_more":false})");
    auto const found = search_customers(client, CustomerId("o'neil"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->at(0).id, "cus_1");
    EXPECT_EQ(sent(1), "GET /v1/customers/search?query=metadata%5B%27billhook_customer%27%5D%3A%27o%5C%27neil%27");
    // Nothing to change is nothing cleared.
    ASSERT_TRUE(update_customer(client, "cus_1", {.default_payment_method_id = "pm_1"}));
    EXPECT_EQ(sent(2), "POST /v1/customers/cus_1 invoice_settings[default_payment_method]=pm_1");
}

// Under a key Stripe would answer its first failure for a day; a card set twice is the card.
TEST_F(CallsTest, ASubscriptionsCardIsSetWithoutAKey) {
    ASSERT_TRUE(set_default_payment_method(client, "sub_1", "pm_1"));
    EXPECT_TRUE(sent().starts_with("POST /v1/subscriptions/sub_1 default_payment_method=pm_1&"));
    EXPECT_FALSE(stripe.transport.requests.at(0).headers.find("Idempotency-Key"));
}

TEST_F(CallsTest, PricesByAnyNumberOfLookupKeys) {
    std::vector<std::string> keys;
    for (int i = 0; i < 11; ++i) keys.push_back("key_" + std::to_string(i));
    stripe.will_answer(R"({"data":[{"id":"price_1"},{"id":"price_2"}],"has_more":false})");
    stripe.will_answer(R"({"data":[{"id":"price_3"}],"has_more":false})");
    auto const prices = list_prices_by_lookup_keys(client, keys);
    ASSERT_TRUE(prices);
    EXPECT_EQ(prices->size(), 3u);
    EXPECT_EQ(sent(1),
              "GET /v1/prices?lookup_keys[0]=key_10&expand[0]=data.product&expand[1]=data.currency_options&"
              "limit=100");
    EXPECT_TRUE(list_prices_by_lookup_keys(client, {})->empty());

    ASSERT_TRUE(create_price(client,
                             {.product_id = "prod_1",
                              .currency = "usd",
                              .unit_amount = 2500,
                              .currency_options = {{"jpy", 4000}},
                              .interval = Interval{IntervalUnit::year, 1},
                              .lookup_key = "tier_pro_year",
                              .takes_over_lookup_key = true},
                             key));
    EXPECT_EQ(sent(2),
              "POST /v1/prices product=prod_1&currency=usd&unit_amount=2500&lookup_key=tier_pro_year&"
              "transfer_lookup_key=true&currency_options[jpy][unit_amount]=4000&recurring[interval]=year&"
              "recurring[interval_count]=1&expand[0]=product&expand[1]=currency_options");
}

TEST_F(CallsTest, AnEndpointIsFixedToOurVersion) {
    stripe.will_answer(R"({"id":"we_1","secret":"whsec_1","enabled_events":["invoice.paid"]})");
    auto const endpoint = create_webhook_endpoint(
        client, {.url = "https://b.test/webhooks/stripe", .enabled_events = {"invoice.paid"}}, key);
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(endpoint->secret, "whsec_1");
    EXPECT_EQ(endpoint->enabled_events, std::vector<std::string>{"invoice.paid"});
    EXPECT_EQ(sent(),
              "POST /v1/webhook_endpoints url=https%3A%2F%2Fb.test%2Fwebhooks%2Fstripe&"
              "enabled_events[0]=invoice.paid&api_version=2026-10-28.endive");
    stripe.will_answer(R"({"error":{"code":"resource_missing"}})", 404);
    EXPECT_TRUE(delete_webhook_endpoint(client, "we_1"));
    EXPECT_FALSE(delete_webhook_endpoint(client, ""));
}

TEST_F(CallsTest, APortalFlowNamesItsSubscription) {
    ASSERT_TRUE(create_portal_session(client, {.customer_id = "cus_1",
                                               .return_url = "https://app.test/",
                                               .flow = "subscription_cancel",
                                               .subscription_id = "sub_1"}));
    EXPECT_EQ(sent(),
              "POST /v1/billing_portal/sessions customer=cus_1&return_url=https%3A%2F%2Fapp.test%2F&"
              "flow_data[type]=subscription_cancel&flow_data[subscription_cancel][subscription]=sub_1");
}

TEST_F(CallsTest, ListsAreWalkedToWhatWasAsked) {
    stripe.will_answer(R"({"data":[{"id":"in_1"},{"id":"in_2"}],"has_more":true})");
    std::vector<std::string> seen;
    ASSERT_TRUE(
        for_each_invoice(client, {.customer_id = "cus_1", .created_since = at(50)}, [&](Invoice const& invoice) {
            seen.push_back(invoice.id);
            return invoice.id == "in_2" ? Client::Walk::stop : Client::Walk::on;
        }));
    EXPECT_EQ(seen, (std::vector<std::string>{"in_1", "in_2"}));
    EXPECT_EQ(sent(), "GET /v1/invoices?customer=cus_1&created[gte]=50&expand[0]=data.payments&limit=100");
    stripe.will_answer(R"({"data":[{"no":"id"}],"has_more":false})");
    EXPECT_FALSE(for_each_subscription(client, {}, [](Subscription const&) { return Client::Walk::on; }));
}

}  // namespace
}  // namespace billhook::stripe::calls_test
